/**
 * Messages for a time, taken and delivered while their broker is killed: 200 a second, due within
 * seconds, some of them recalled. The ledger is kept here, in the process that survives.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Prng } from '@skylarkmq/base';
import { Admin, Producer, PullConsumer } from '@skylarkmq/client';
import { type KilledServer, loaded } from './killed-server.ts';

const TOPIC = 'TimerLedger';
const QUEUES = 4;
const PER_SECOND = 200;
const STEP_MS = 5;
const DELAY_MS_MIN = 300;
const DELAY_MS_MAX = 5000;
/** One of so many that are due late enough is taken back. */
const RECALL_ONE_OF = 10;
const RECALL_DELAY_MS_MIN = 2000;
const SEND_TIMEOUT_MS = 3000;
/** Accepted between two kills, at least. */
const ACCEPTED_MIN = 30;
const LOAD_MS_MORE = 2000;

/** What is known of one message. */
interface Entry {
  readonly dueMs: number;
  /** The broker said that it has it. */
  isAccepted: boolean;
  /** The broker said that it does not come any more. */
  isRecalled: boolean;
  /** When the broker stored it in its topic, for each time that it did. */
  readonly storedMs: number[];
}

export class KilledTimers {
  readonly #server: KilledServer;
  readonly #prng: Prng;
  readonly #patienceMs: number;
  readonly #entries = new Map<string, Entry>();

  /** Waits so long for what must come, on a machine under load. */
  constructor(server: KilledServer, prng: Prng, patienceMs: number = 240_000) {
    this.#server = server;
    this.#prng = prng;
    this.#patienceMs = patienceMs;
  }

  async prepare(): Promise<void> {
    const { namesrv } = this.#server;
    await using admin = new Admin({ namesrv, requestTimeoutMs: 60_000 });
    await admin.createTopic({ topic: TOPIC, queues: QUEUES });
  }

  /** Load for a random time, then SIGKILL in the middle of it, then a new start. */
  async kill(between?: () => void): Promise<void> {
    const stop = new AbortController();
    const load = this.#load(stop.signal);
    const wanted = this.accepted + ACCEPTED_MIN;
    await loaded(() => this.accepted >= wanted && this.recalled > 0);
    await delay(this.#prng.below(LOAD_MS_MORE));
    await this.#server.kill();
    stop.abort();
    await load;
    between?.();
    await this.#server.restart();
  }

  /** Reads all that was delivered, until everything that must come has come. */
  async finish(): Promise<void> {
    const { namesrv } = this.#server;
    const options = { namesrv, group: 'final', requestTimeoutMs: 60_000 };
    await using consumer = new PullConsumer(options);
    const queues = await consumer.queues(TOPIC);
    await consumer.assign(queues);
    for (const queue of queues) await consumer.seekToBeginning(queue);
    const untilMs = Date.now() + DELAY_MS_MAX + this.#patienceMs;
    // A second round after the last: what comes twice may come late.
    for (let rounds = 0; rounds < 2 && Date.now() < untilMs; ) {
      const messages = await consumer.poll({ timeoutMs: 1500, max: 1000 });
      for (const message of messages) {
        const entry = this.#entries.get(message.keys[0] ?? '');
        if (entry === undefined) throw new Error(`${message.messageId} was never sent`);
        entry.storedMs.push(message.storeTimestamp);
      }
      const isOver = messages.length === 0 && this.#lost().length === 0;
      if (isOver && this.#lastDueMs() < Date.now()) rounds += 1;
    }
  }

  get accepted(): number {
    return this.#count(({ isAccepted }) => isAccepted);
  }

  get recalled(): number {
    return this.#count(({ isRecalled }) => isRecalled);
  }

  get delivered(): number {
    return this.#count(({ storedMs }) => storedMs.length > 0);
  }

  get repeated(): number {
    return this.#count(({ storedMs }) => storedMs.length > 1);
  }

  /** What must not be, in sentences. */
  violations(): string[] {
    const found = this.#lost().map((id) => `${id} was accepted and did not come`);
    for (const [id, { dueMs, isRecalled, storedMs }] of this.#entries) {
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
    return this.#server.kills.filter((kill) => kill <= ms).length;
  }

  #lost(): string[] {
    return [...this.#entries]
      .filter(([, one]) => one.isAccepted && !one.isRecalled && one.storedMs.length === 0)
      .map(([id]) => id);
  }

  #lastDueMs(): number {
    return [...this.#entries.values()].reduce((last, { dueMs }) => Math.max(last, dueMs), 0);
  }

  #count(wanted: (entry: Entry) => boolean): number {
    return [...this.#entries.values()].filter(wanted).length;
  }

  /** Sends at an even rate, whatever becomes of it. */
  async #load(signal: AbortSignal): Promise<void> {
    await using producer = new Producer({
      ...{ namesrv: this.#server.namesrv, retries: 0, sendTimeoutMs: SEND_TIMEOUT_MS },
    });
    const began = performance.now();
    const sends: Promise<void>[] = [];
    while (!signal.aborted) {
      const wanted = ((performance.now() - began) * PER_SECOND) / 1000;
      while (sends.length < wanted) sends.push(this.#send(producer));
      await delay(STEP_MS);
    }
    await Promise.all(sends);
  }

  async #send(producer: Producer): Promise<void> {
    const id = `t${this.#entries.size}`;
    const delayMs = DELAY_MS_MIN + this.#prng.below(DELAY_MS_MAX - DELAY_MS_MIN);
    const dueMs = Date.now() + delayMs;
    const entry: Entry = { dueMs, isAccepted: false, isRecalled: false, storedMs: [] };
    this.#entries.set(id, entry);
    const isRecall = this.#prng.below(RECALL_ONE_OF) === 0 && delayMs >= RECALL_DELAY_MS_MIN;
    try {
      const message = { topic: TOPIC, body: id, keys: id, deliverAt: dueMs };
      const { recallHandle, status } = await producer.send(message);
      // With another status it may not be as durable as asked for, but it is there.
      entry.isAccepted = status === 'ok';
      if (!isRecall || recallHandle === undefined) return;
      // Whether it is taken back is unknown until the broker says so: it may come, or not.
      entry.isAccepted = false;
      await producer.recall(TOPIC, recallHandle);
      entry.isRecalled = true;
    } catch {
      // The broker is gone, or nearly: whether it has the message is unknown.
      await delay(STEP_MS);
    }
  }
}
