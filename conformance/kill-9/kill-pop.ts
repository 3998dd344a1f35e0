/**
 * POP under load while its broker is killed: messages are received, most of them acknowledged,
 * some left to come again. The ledger is kept here, in the process that survives.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Prng } from '@skylarkmq/base';
import { type Producer, SimpleConsumer, type SimpleMessage } from '@skylarkmq/client';
import { ACCEPTED_MIN, KilledLoad, type Known } from './killed-load.ts';
import type { KilledServer } from './killed-server.ts';

const GROUP = 'PopReaders';
const PRODUCER_LANES = 4;
const CONSUMERS = 2;
const CONSUMER_LANES = 3;
const BATCH = 16;
const INVISIBLE_MS = 3000;
const AWAIT_MS = 200;
/** Between two sends of a lane. */
const STEP_MS = 10;
/** After an error. */
const PAUSE_MS = 20;
/** One of so many messages is not acknowledged while there are kills. */
const LEFT_ONE_OF = 8;

/** One time that a consumer got a message, by the broker's clock. */
interface Receipt {
  readonly popMs: number;
  readonly untilMs: number;
}

interface Entry extends Known {
  readonly receipts: Receipt[];
  /** The broker was told that it is done: with its answer lost, it is unknown whether it knows. */
  isTold: boolean;
  /** When the broker had said that it is done, while it was still held; -1 before. */
  doneMs: number;
}

export class KilledPop extends KilledLoad<Entry> {
  /** Acknowledgements that came after the time of their message: they promise nothing. */
  lateAcks = 0;
  readonly #violations: string[] = [];
  /** Whether all is acknowledged now. */
  #isDraining = false;

  constructor(server: KilledServer, prng: Prng, patienceMs: number = 240_000) {
    super('PopLedger', server, prng, patienceMs);
  }

  /** Receives and acknowledges until everything is done, and nothing came for a while. */
  async finish(): Promise<void> {
    this.#isDraining = true;
    const stop = new AbortController();
    const load = this.#consumers(stop.signal);
    const untilMs = Date.now() + this.patienceMs;
    while (this.lost().length > 0 && Date.now() < untilMs) await delay(100);
    // Whoever comes again comes when the last receipt is over.
    const over = Math.max(0, this.#lastUntilMs() - Date.now()) + INVISIBLE_MS;
    await delay(over);
    stop.abort();
    await Promise.all(load);
  }

  get done(): number {
    return this.count(({ doneMs }) => doneMs >= 0);
  }

  get repeated(): number {
    return this.count(({ receipts }) => receipts.length > 1);
  }

  override violations(): string[] {
    return [...this.#violations, ...super.violations()];
  }

  protected override isLost({ isAccepted, isTold }: Entry): boolean {
    return isAccepted && !isTold;
  }

  protected override enough(): () => boolean {
    const wanted = this.done + ACCEPTED_MIN / 2;
    return () => this.done >= wanted;
  }

  protected override async load(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#produce(signal), ...this.#consumers(signal)]);
  }

  #lastUntilMs(): number {
    const all = [...this.entries.values()].flatMap(({ receipts }) => receipts);
    return all.reduce((last, { untilMs }) => Math.max(last, untilMs), 0);
  }

  async #produce(signal: AbortSignal): Promise<void> {
    await using producer = this.producer();
    const lane = async (): Promise<void> => {
      while (!signal.aborted) {
        await this.#send(producer);
        await delay(STEP_MS);
      }
    };
    await Promise.all(Array.from({ length: PRODUCER_LANES }, lane));
  }

  async #send(producer: Producer): Promise<void> {
    const id = `p${this.entries.size}`;
    const entry: Entry = { isAccepted: false, receipts: [], isTold: false, doneMs: -1 };
    this.entries.set(id, entry);
    try {
      const { status } = await producer.send({ topic: this.topic, body: id });
      entry.isAccepted = status === 'ok';
    } catch {
      // The broker is gone, or nearly: whether it has the message is unknown.
      await delay(PAUSE_MS);
    }
  }

  #consumers(signal: AbortSignal): Promise<void>[] {
    return Array.from({ length: CONSUMERS }, (_, index) => this.#consume(`c${index}`, signal));
  }

  async #consume(instanceName: string, signal: AbortSignal): Promise<void> {
    await using consumer = new SimpleConsumer({
      ...{ namesrv: this.server.namesrv, instanceName, group: GROUP, subscriptions: this.topic },
      ...{ invisibleMs: INVISIBLE_MS, awaitMs: AWAIT_MS, batchSize: BATCH, consumeFrom: 'first' },
    });
    const lane = async (): Promise<void> => {
      while (!signal.aborted) {
        try {
          await this.#handle(consumer, await consumer.receive());
        } catch {
          // No broker any more, or not yet.
          await delay(PAUSE_MS);
        }
      }
    };
    await Promise.all(Array.from({ length: CONSUMER_LANES }, lane));
  }

  async #handle(consumer: SimpleConsumer, messages: readonly SimpleMessage[]): Promise<void> {
    for (const message of messages) this.#received(message);
    const some = messages.filter(() => this.#isDraining || this.prng.below(LEFT_ONE_OF) > 0);
    if (this.prng.below(2) === 0) {
      for (const message of some) this.#told(message);
      await consumer.ack(some);
      for (const message of some) this.#acknowledged(message);
    } else {
      for (const message of some) {
        this.#told(message);
        await message.ack();
        this.#acknowledged(message);
      }
    }
  }

  #received(message: SimpleMessage): void {
    const id = message.body.toString();
    const entry = this.entries.get(id);
    if (entry === undefined) {
      this.#violations.push(`${id} was never sent`);
      return;
    }
    const { invisibleUntilMs: untilMs } = message;
    const popMs = untilMs - INVISIBLE_MS;
    for (const before of entry.receipts) {
      if (popMs >= before.untilMs) continue;
      this.#violations.push(`${id} came ${before.untilMs - popMs} ms early`);
    }
    if (entry.doneMs >= 0 && popMs > entry.doneMs) {
      this.#violations.push(`${id} came ${popMs - entry.doneMs} ms after it was acknowledged`);
    }
    entry.receipts.push({ popMs, untilMs });
  }

  #told(message: SimpleMessage): void {
    const entry = this.entries.get(message.body.toString());
    if (entry !== undefined) entry.isTold = true;
  }

  /** The broker has confirmed it. */
  #acknowledged(message: SimpleMessage): void {
    const nowMs = Date.now();
    const entry = this.entries.get(message.body.toString());
    if (entry === undefined || entry.doneMs >= 0) return;
    // Whoever is late may find that somebody else has the message.
    if (nowMs < message.invisibleUntilMs) entry.doneMs = nowMs;
    else this.lateAcks += 1;
  }
}
