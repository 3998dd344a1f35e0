/**
 * A POP from its request to its answer: with what there is now, or, while it waits, with what has
 * come until its time is over. Messages go out from where the store has them.
 */
import { type Clock, type Logger, MqError } from '@skylarkmq/base';
import type { Connection } from '@skylarkmq/remoting';
import {
  type Command,
  FLAG_RESPONSE,
  HeadWriter,
  type Outgoing,
  ResponseCode,
} from '@skylarkmq/wire';
import type { HeldPop, PopHolds } from '../pop/pop-holds.ts';
import type { Popped } from '../pop/pop-request.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';

/** Messages that one request may ask for. RocketMQ: PopMessageProcessor#processRequest */
export const POP_MESSAGES_MAX = 32;
/** How much later than its poll time a request may arrive. RocketMQ: PopMessageRequestHeader */
const LATE_MS_MAX = 500;
const NOTHING = 'NO_MESSAGE_IN_QUEUE';

const headWriter = new HeadWriter();

/** What the kinds of POP do each in their own way. */
export interface PopWork extends Pick<HeldPop, 'group' | 'topic' | 'queueId' | 'filter'> {
  /** Hands out what there is now. */
  take(): Promise<Popped>;
  hasMore(): boolean;
  /** See `HeldPop`; asked each time that it begins to wait. */
  arrivesIn?(): readonly string[];
  /** The answer's header fields. */
  extOf(popped: Popped): Map<string, string>;
}

export interface WaitingPopDeps {
  readonly pop: { readonly holds: PopHolds };
  readonly stats: Pick<BrokerStats, 'group' | 'missed'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** When a request asks for messages, and how long it would wait for them. */
export interface PollTime {
  /** 0 when it does not say. */
  readonly bornTime: number;
  readonly pollTime: number;
}

/** Until when a request wants to wait. */
export function pollsUntilMs({ bornTime, pollTime }: PollTime, nowMs: number): number {
  return (bornTime > 0 ? bornTime : nowMs) + pollTime;
}

/** Whether nobody waits for the answer any more. */
export function isTooLate(times: PollTime, nowMs: number): boolean {
  return nowMs - pollsUntilMs(times, nowMs) > LATE_MS_MAX;
}

export class WaitingPop implements HeldPop {
  readonly connection: Connection;
  readonly #work: PopWork;
  readonly #untilMs: number;
  readonly #command: Command;
  readonly #deps: WaitingPopDeps;
  #arrivesIn: readonly string[] = [];
  #isFinished = false;

  constructor(
    work: PopWork,
    untilMs: number,
    command: Command,
    connection: Connection,
    deps: WaitingPopDeps,
  ) {
    this.#work = work;
    this.#untilMs = untilMs;
    this.#command = command;
    this.connection = connection;
    this.#deps = deps;
  }

  get group(): string {
    return this.#work.group;
  }

  get topic(): string {
    return this.#work.topic;
  }

  get queueId(): number {
    return this.#work.queueId;
  }

  get filter(): HeldPop['filter'] {
    return this.#work.filter;
  }

  get arrivesIn(): readonly string[] {
    return this.#arrivesIn;
  }

  hasMore(): boolean {
    return this.#work.hasMore();
  }

  resume(isTimeOver: boolean): void {
    void this.run(isTimeOver);
  }

  /** Answers with what there is, or waits. */
  async run(isTimeOver = false): Promise<void> {
    try {
      const popped = await this.#work.take();
      if (popped.count > 0) this.#answerFound(popped);
      else if (isTimeOver) this.#answerEmpty(popped, ResponseCode.PollingTimeout);
      else this.#wait(popped);
    } catch (thrown) {
      const error = MqError.from(thrown);
      const { group, topic } = this.#work;
      this.#deps.logger.warn({ group, topic, error }, 'Messages could not be popped');
      const code = error.code === 'BUSY' ? ResponseCode.SystemBusy : ResponseCode.SystemError;
      this.#answer({ code, remark: error.message });
    }
  }

  // RocketMQ: PopLongPollingService#polling
  #wait(popped: Popped): void {
    const { pop, clock } = this.#deps;
    const { group, topic } = this.#work;
    const leftMs = this.#untilMs - clock.nowMs();
    if (leftMs <= 0 || pop.holds.isClosed) {
      this.#answerEmpty(popped, ResponseCode.PollingTimeout);
    } else if (pop.holds.isFull(group, topic)) {
      this.#answerEmpty(popped, ResponseCode.PollingFull);
    } else {
      if (!this.#isFinished) {
        // The frame may lie in a big chunk with others.
        this.connection.finish(this.#command);
        this.#command.detach();
        this.#isFinished = true;
      }
      this.#arrivesIn = this.#work.arrivesIn?.() ?? [];
      pop.holds.hold(this, leftMs);
    }
  }

  #answerFound(popped: Popped): void {
    const { group, topic } = this.#work;
    const [first] = popped.messageOffsets;
    const stats = this.#deps.stats.group(topic, group);
    stats.get(first?.queueId ?? 0, popped.count, popped.bytes);
    const ext = this.#work.extOf(popped);
    this.#send({ code: ResponseCode.Success, remark: 'FOUND', ext }, popped);
    this.#finish();
  }

  /** The answer's body is what was popped; its memory is given back when the socket has it. */
  #send(answer: Outgoing, popped: Popped): void {
    const { records } = popped;
    const { connection } = this;
    if (this.#command.isOneway || connection.closed) {
      popped.release();
      return;
    }
    const { serialization, opaque } = this.#command;
    const bytes = records.reduce((sum, record) => sum + record.length, 0);
    const bytesMax = headWriter.prepare(answer, serialization, opaque, FLAG_RESPONSE);
    const target = connection.reserve(bytesMax);
    connection.advance(headWriter.write(target, connection.outputStart, bytes));
    let left = records.length;
    const taken = (): void => {
      left--;
      if (left === 0) popped.release();
    };
    for (const record of records) connection.write(record, taken);
  }

  #answerEmpty(popped: Popped, code: number): void {
    this.#deps.stats.missed();
    this.#answer({ code, remark: NOTHING, ext: this.#work.extOf(popped) });
  }

  #answer(answer: Outgoing): void {
    this.connection.respond(this.#command, answer);
    this.#finish();
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.connection.finish(this.#command);
  }
}
