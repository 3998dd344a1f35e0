/** Writes what a pull found straight into the connection's output, messages without a copy. */
import { type GetResult, GetStatus } from '@skylarkmq/store';
import { FieldName, ResponseCode, ResponseWriter } from '@skylarkmq/wire';
import { logicalEnds } from '../static-topic/logical-pull.ts';
import { offsetDelta } from '../static-topic/queue-parts.ts';
import type { Pull } from './pull.ts';

/** The header of an answer: six numbers and a short remark. */
const HEADER_BYTES = 768;
/** Nobody but the master answers here. */
const MASTER_ID = 0;

const SUGGEST = new FieldName('suggestWhichBrokerId');
const NEXT_BEGIN_OFFSET = new FieldName('nextBeginOffset');
const MIN_OFFSET = new FieldName('minOffset');
const MAX_OFFSET = new FieldName('maxOffset');
const OFFSET_DELTA = new FieldName('offsetDelta');
const TOPIC_SYS_FLAG = new FieldName('topicSysFlag');
const GROUP_SYS_FLAG = new FieldName('groupSysFlag');

/** Remark of a pull that an administrator sent elsewhere. */
export const OFFSET_RESET = 'OFFSET_RESET';

const REMARKS: ReadonlyMap<string, Buffer> = new Map(
  [...Object.values(GetStatus), OFFSET_RESET].map((name) => [name, Buffer.from(name, 'latin1')]),
);

/** RocketMQ: PullMessageProcessor#composeResponseHeader */
export function pullCode(status: GetStatus, requestOffset: number): ResponseCode {
  switch (status) {
    case GetStatus.Found:
      return ResponseCode.Success;
    case GetStatus.MessageWasRemoving:
    case GetStatus.NoMatchedMessage:
      return ResponseCode.PullRetryImmediately;
    case GetStatus.NoMatchedLogicQueue:
    case GetStatus.NoMessageInQueue:
      return requestOffset === 0 ? ResponseCode.PullNotFound : ResponseCode.PullOffsetMoved;
    case GetStatus.OffsetFoundNull:
    case GetStatus.OffsetOverflowOne:
      return ResponseCode.PullNotFound;
    default:
      return ResponseCode.PullOffsetMoved;
  }
}

export class PullAnswers {
  readonly #writer = new ResponseWriter();

  /** Answers with messages and gives their memory back when the socket has them. */
  found(pull: Pull, result: GetResult): void {
    const { connection } = pull;
    if (connection.closed) {
      result.release();
      return;
    }
    const { nextBeginOffset, minOffset, maxOffset, bytes, slices } = result;
    const { status } = result;
    this.#head(pull, ResponseCode.Success, status, nextBeginOffset, minOffset, maxOffset, bytes);
    let left = slices.length;
    const taken = (): void => {
      left--;
      if (left === 0) result.release();
    };
    for (const slice of slices) connection.write(slice, taken);
  }

  /** Answers without messages. */
  empty(
    pull: Pull,
    code: number,
    remark: string,
    nextBeginOffset: number,
    minOffset: number,
    maxOffset: number,
  ): void {
    if (pull.connection.closed) return;
    this.#head(pull, code, remark, nextBeginOffset, minOffset, maxOffset, 0);
  }

  #head(
    pull: Pull,
    code: number,
    remark: string,
    nextBeginOffset: number,
    minOffset: number,
    maxOffset: number,
    bodyBytes: number,
  ): void {
    const { connection, command } = pull;
    const writer = this.#writer;
    const target = connection.reserve(HEADER_BYTES);
    const words = REMARKS.get(remark) ?? null;
    writer.begin(
      target,
      connection.outputStart,
      command.serialization,
      code,
      command.opaque,
      words,
    );
    writer.number(SUGGEST, MASTER_ID);
    if (pull.logical === null) {
      writer.number(NEXT_BEGIN_OFFSET, nextBeginOffset);
      writer.number(MIN_OFFSET, minOffset);
      writer.number(MAX_OFFSET, maxOffset);
    } else {
      const physical = { next: nextBeginOffset, min: minOffset, max: maxOffset };
      const { next, min, max } = logicalEnds(pull.logical, physical);
      writer.number(NEXT_BEGIN_OFFSET, next);
      writer.number(MIN_OFFSET, min);
      writer.number(MAX_OFFSET, max);
      writer.number(OFFSET_DELTA, offsetDelta(pull.logical.part));
    }
    writer.number(TOPIC_SYS_FLAG, pull.topicSysFlag);
    writer.number(GROUP_SYS_FLAG, pull.groupSysFlag);
    connection.advance(writer.end(bodyBytes));
  }
}
