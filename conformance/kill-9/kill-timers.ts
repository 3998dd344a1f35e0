/**
 * Messages for a time, taken and delivered while their broker is killed: 200 a second, due within
 * seconds, some of them recalled. The ledger is kept here, in the process that survives.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Prng } from '@skylarkmq/base';
import { type Producer, PullConsumer } from '@skylarkmq/client';
import { KilledLoad, type Known, REQUEST_TIMEOUT_MS } from './killed-load.ts';
import type { KilledServer } from './killed-server.ts';

const PER_SECOND = 200;
const STEP_MS = 5;
const DELAY_MS_MIN = 300;
const DELAY_MS_MAX = 5000;
/** One of so many is taken back: due so late that it still waits when the broker gets to that. */
const RECALL_ONE_OF = 10;
const RECALL_DELAY_MS = 10_000;
const IN_FLIGHT_MAX = 64;

interface Entry extends Known {
  readonly dueMs: number;
  /** The broker said that it does not come any more. */
  isRecalled: boolean;
  /** When the broker stored it in its topic, for each time that it did. */
  readonly storedMs: number[];
}

export class KilledTimers extends KilledLoad<Entry> {
  constructor(server: KilledServer, prng: Prng, patienceMs: number = 240_000) {
    super('TimerLedger', server, prng, patienceMs);
  }

  /** Reads all that was delivered, until everything that must come has come. */
  async finish(): Promise<void> {
    await using consumer = new PullConsumer({
      ...{ namesrv: this.server.namesrv, group: 'final', requestTimeoutMs: REQUEST_TIMEOUT_MS },
    });
    const queues = await consumer.queues(this.topic);
    await consumer.assign(queues);
    for (const queue of queues) await consumer.seekToBeginning(queue);
    const untilMs = Date.now() + RECALL_DELAY_MS + this.patienceMs;
    // A second round after the last: what comes twice may come late.
    for (let rounds = 0; rounds < 2 && Date.now() < untilMs; ) {
      const messages = await consumer.poll({ timeoutMs: 1500, max: 1000 });
      for (const message of messages) {
        const entry = this.entries.get(message.keys[0] ?? '');
        if (entry === undefined) throw new Error(`${message.messageId} was never sent`);
        entry.storedMs.push(message.storeTimestamp);
      }
      const isOver = messages.length === 0 && this.lost().length === 0;
      if (isOver && this.#lastDueMs() < Date.now()) rounds += 1;
    }
  }

  get recalled(): number {
    return this.count(({ isRecalled }) => isRecalled);
  }

  get delivered(): number {
    return this.count(({ storedMs }) => storedMs.length > 0);
  }

  get repeated(): number {
    return this.count(({ storedMs }) => storedMs.length > 1);
  }

  override violations(): string[] {
    const found = super.violations();
    for (const [id, { dueMs, isRecalled, storedMs }] of this.entries) {
      const [first] = storedMs;
      if (first === undefined) continue;
      if (first < dueMs) found.push(`${id} came ${dueMs - first} ms early`);
      if (isRecalled) found.push(`${id} was taken back and came`);
      const lives = new Set(storedMs.map((at) => this.#lifeAt(at)));
      // What one process delivered it knows: only a kill makes that be forgotten.
      if (lives.size < storedMs.length) found.push(`${id} came twice without a kill in between`);
    }
    return found;
  }

  /** How many kills were before a moment. */
  #lifeAt(ms: number): number {
    return this.server.kills.filter((kill) => kill <= ms).length;
  }

  protected override isLost({ isAccepted, isRecalled, storedMs }: Entry): boolean {
    return isAccepted && !isRecalled && storedMs.length === 0;
  }

  protected override enough(): () => boolean {
    return () => this.recalled > 0;
  }

  #lastDueMs(): number {
    return [...this.entries.values()].reduce((last, { dueMs }) => Math.max(last, dueMs), 0);
  }

  /** Sends at an even rate. */
  protected override async load(signal: AbortSignal): Promise<void> {
    await using producer = this.producer();
    const began = performance.now();
    const sends: Promise<void>[] = [];
    let inFlight = 0;
    while (!signal.aborted) {
      const wanted = ((performance.now() - began) * PER_SECOND) / 1000;
      while (sends.length < wanted && inFlight < IN_FLIGHT_MAX) {
        inFlight += 1;
        const sent = this.#send(producer).finally(() => {
          inFlight -= 1;
        });
        sends.push(sent);
      }
      await delay(STEP_MS);
    }
    await Promise.all(sends);
  }

  async #send(producer: Producer): Promise<void> {
    const id = `t${this.entries.size}`;
    const isRecall = this.prng.below(RECALL_ONE_OF) === 0;
    const some = DELAY_MS_MIN + this.prng.below(DELAY_MS_MAX - DELAY_MS_MIN);
    const delayMs = isRecall ? RECALL_DELAY_MS : some;
    const dueMs = Date.now() + delayMs;
    const entry: Entry = { dueMs, isAccepted: false, isRecalled: false, storedMs: [] };
    this.entries.set(id, entry);
    try {
      const message = { topic: this.topic, body: id, keys: id, deliverAt: dueMs };
      const { recallHandle, status } = await producer.send(message);
      // With another status it may not be as durable as asked for, but it is there.
      entry.isAccepted = status === 'ok';
      if (!isRecall || recallHandle === undefined) return;
      // Whether it is taken back is unknown until the broker says so: it may come, or not.
      entry.isAccepted = false;
      await producer.recall(this.topic, recallHandle);
      entry.isRecalled = true;
    } catch {
      // The broker is gone, or nearly: whether it has the message is unknown.
      await delay(STEP_MS);
    }
  }
}
