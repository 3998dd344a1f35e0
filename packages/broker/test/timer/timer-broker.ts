/** A store with its timers in virtual time, on a disk that can be killed. */
import {
  createPrng,
  type FileSystem,
  type Logger,
  MemoryFileSystem,
  realScheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import { PropertyName, SystemTopic } from '@skylarkmq/message';
import { type LogStore, type PutResult, timerSecond } from '@skylarkmq/store';
import { placeTimer } from '../../src/send/timer-message.ts';
import { type BrokerSettings, DEFAULT_SETTINGS } from '../../src/settings.ts';
import { openTimers } from '../../src/timer/open-timers.ts';
import type { TimerService } from '../../src/timer/timer-service.ts';
import { messagesOf, openStore } from '../domains.ts';
import { killedDisk } from '../killed-disk.ts';

export interface TimerBrokerOptions {
  readonly time?: VirtualTime;
  readonly disk?: FileSystem;
  readonly flush?: 'sync' | 'async';
  readonly logger?: Logger;
  readonly logFileBytes?: number;
  readonly settings?: Partial<BrokerSettings>;
}

export class TimerBroker {
  readonly time: VirtualTime;
  readonly disk: FileSystem;
  readonly store: LogStore;
  readonly timers: TimerService;
  settings: BrokerSettings;

  private constructor(
    time: VirtualTime,
    disk: FileSystem,
    store: LogStore,
    timers: TimerService,
    settings: BrokerSettings,
  ) {
    this.time = time;
    this.disk = disk;
    this.store = store;
    this.timers = timers;
    this.settings = settings;
  }

  static async start(options: TimerBrokerOptions = {}): Promise<TimerBroker> {
    const time = options.time ?? new VirtualTime(realScheduler);
    const disk = options.disk ?? new MemoryFileSystem(() => time.nowMs());
    const store = await openStore(disk, time, options.flush ?? 'async');
    const settings = { ...DEFAULT_SETTINGS, ...options.settings };
    let broker: TimerBroker | undefined;
    const timers = await openTimers({
      ...{ clock: time, scheduler: time, fileSystem: disk, directory: '/store', store },
      logger: options.logger ?? silentLogger,
      timerLogFileBytes: options.logFileBytes ?? 52 * 100,
      settings: () => broker?.settings ?? settings,
    });
    broker = new TimerBroker(time, disk, store, timers, settings);
    await timers.start();
    return broker;
  }

  /** Stores a message as sends do; its unique key is its body. */
  async send(text: string, ...properties: [string, string][]): Promise<PutResult> {
    const all = new Map([[PropertyName.UniqueKey, text] as [string, string], ...properties]);
    const deps = { clock: this.time, prng: createPrng(1), timers: this.timers };
    const place = placeTimer(all, { topic: 'T', queueId: 0 }, this.settings, deps);
    if (place !== undefined && 'code' in place) throw new Error(place.remark);
    const where = place ?? { topic: 'T', queueId: 0 };
    return await this.store.put({ ...where, body: Buffer.from(text), properties: all });
  }

  sendAt(text: string, dueMs: number): Promise<PutResult> {
    return this.send(text, [PropertyName.TimerDeliverMs, String(dueMs)]);
  }

  /** Delivered bodies with their store times, in order. */
  async delivered(topic = 'T'): Promise<{ text: string; atMs: number }[]> {
    const messages = await messagesOf(this.store, topic, 0);
    return messages.map(({ body, storeTimestamp }) => ({
      text: body.toString(),
      atMs: storeTimestamp,
    }));
  }

  get queued(): number {
    return this.store.maxOffset(SystemTopic.Timer, 0);
  }

  async close(): Promise<void> {
    await this.#passing(
      (async () => {
        await this.timers.close();
        await this.store.close();
      })(),
    );
  }

  /** What a process that is killed now leaves, and another that goes on with it. */
  async killAndRestart(options: TimerBrokerOptions = {}): Promise<TimerBroker> {
    const disk = killedDisk(this.disk);
    const time = new VirtualTime(realScheduler, this.time.nowMs());
    await this.close();
    return await TimerBroker.start({ ...options, disk, time });
  }

  async restart(options: TimerBrokerOptions = {}): Promise<TimerBroker> {
    await this.close();
    return await TimerBroker.start({ ...options, disk: this.disk, time: this.time });
  }

  /** Moves time on until nothing of what is due is left to deliver. */
  async advance(ms: number): Promise<void> {
    await this.time.advance(ms);
    for (let turns = 0; turns < 200; turns++) {
      const { offsetBehind, lateMs } = this.timers.figures();
      if (offsetBehind === 0 && lateMs === 0) break;
      await this.time.advance(0);
    }
  }

  /** The second of a time, as recalls are filed. */
  secondOf(outMs: number): number {
    return timerSecond(outMs);
  }

  async #passing(work: Promise<void>): Promise<void> {
    let done = false;
    const marked = work.finally(() => {
      done = true;
    });
    while (!done) await this.time.advance(1);
    await marked;
  }
}
