/**
 * The frame of a test that kills a broker under load, again and again. What is known of each
 * message is kept here, in the process that survives.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Prng } from '@skylarkmq/base';
import { Admin, Producer } from '@skylarkmq/client';
import { type KilledServer, loaded } from './killed-server.ts';

const QUEUES = 4;
/** On a machine under load; a kill ends them at once. */
export const REQUEST_TIMEOUT_MS = 60_000;
/** Accepted between two kills, at least; no longer is waited for it. */
export const ACCEPTED_MIN = 30;
const LOAD_MS_MORE = 2000;

/** What is known of one message. */
export interface Known {
  /** The broker said that it has it. */
  isAccepted: boolean;
}

export abstract class KilledLoad<Entry extends Known> {
  protected readonly topic: string;
  protected readonly server: KilledServer;
  protected readonly prng: Prng;
  /** So long is waited for what must come, on a machine under load. */
  protected readonly patienceMs: number;
  protected readonly entries: Map<string, Entry> = new Map();

  constructor(topic: string, server: KilledServer, prng: Prng, patienceMs: number) {
    this.topic = topic;
    this.server = server;
    this.prng = prng;
    this.patienceMs = patienceMs;
  }

  /** What goes on until the signal, whatever becomes of it. */
  protected abstract load(signal: AbortSignal): Promise<unknown>;

  /** Called when a load begins: says later whether it did enough of what is to be tested. */
  protected abstract enough(): () => boolean;

  /** Waits until all that must come has come. */
  abstract finish(): Promise<void>;

  /** Accepted, and neither here nor called back. */
  protected abstract isLost(entry: Entry): boolean;

  async prepare(): Promise<void> {
    const { namesrv } = this.server;
    await using admin = new Admin({ namesrv, requestTimeoutMs: REQUEST_TIMEOUT_MS });
    await admin.createTopic({ topic: this.topic, queues: QUEUES });
  }

  /** Load for a random time, then SIGKILL in the middle of it, then a new start. */
  async kill(between?: () => void): Promise<void> {
    const stop = new AbortController();
    const wanted = this.accepted + ACCEPTED_MIN;
    const isEnough = this.enough();
    const load = this.load(stop.signal);
    await loaded(() => this.accepted >= wanted && isEnough());
    await delay(this.prng.below(LOAD_MS_MORE));
    await this.server.kill();
    stop.abort();
    await load;
    between?.();
    await this.server.restart();
  }

  get accepted(): number {
    return this.count(({ isAccepted }) => isAccepted);
  }

  /** What must not be, in sentences. */
  violations(): string[] {
    return this.lost().map((id) => `${id} was accepted and did not come`);
  }

  protected lost(): string[] {
    const lost = [...this.entries].filter(([, entry]) => this.isLost(entry));
    return lost.map(([id]) => id);
  }

  protected count(wanted: (entry: Entry) => boolean): number {
    return [...this.entries.values()].filter(wanted).length;
  }

  /** One that tries once: the ledger must know which attempt was accepted. */
  protected producer(): Producer {
    const { namesrv } = this.server;
    return new Producer({ namesrv, retries: 0, sendTimeoutMs: REQUEST_TIMEOUT_MS });
  }
}
