/**
 * Answers a send when the store is done with it. The objects are pooled: a message costs none. The
 * usual answer is written straight into the connection's output.
 */
import type { Clock } from '@skylarkmq/base';
import { encodeOffsetMessageId } from '@skylarkmq/message';
import type { Connection } from '@skylarkmq/remoting';
import type { AppendCompletion, AppendRequest, MessageStore, PutStatus } from '@skylarkmq/store';
import { type Command, FieldName, ResponseWriter, SendMessage } from '@skylarkmq/wire';
import type { BrokerIdentity } from '../identity.ts';
import type { BrokerStats, TopicStats } from '../stats/broker-stats.ts';
import type { PropertyStamps } from './property-stamps.ts';
import { refusalOf, storedCode } from './put-answer.ts';

/** A unique key has 32 or 56 bytes; those that are longer, or need escapes, go the slow way. */
const KEY_BYTES_MAX = 128;
/** An answer without region, key and message ids. */
const ANSWER_BYTES = 512;
const POOL_MAX = 4096;

const MSG_REGION = new FieldName('MSG_REGION');
const TRACE_ON = new FieldName('TRACE_ON');
const MSG_ID = new FieldName('msgId');
const QUEUE_ID = new FieldName('queueId');
const QUEUE_OFFSET = new FieldName('queueOffset');
const TRANSACTION_ID = new FieldName('transactionId');
const RECALL_HANDLE = new FieldName('recallHandle');

export interface SendCompletionsDeps {
  readonly store: Pick<MessageStore, 'statusReason'>;
  readonly stats: BrokerStats;
  readonly identity: BrokerIdentity;
  readonly stamps: PropertyStamps;
  readonly clock: Clock;
  bodyBytesMax(): number;
}

/** Makes completions and gets them back. */
export class SendCompletions {
  readonly deps: SendCompletionsDeps;
  readonly writer: ResponseWriter = new ResponseWriter();
  readonly #free: SendCompletion[] = [];

  constructor(deps: SendCompletionsDeps) {
    this.deps = deps;
  }

  take(command: Command, connection: Connection): SendCompletion {
    const completion = this.#free.pop() ?? new SendCompletion(this);
    completion.command = command;
    completion.connection = connection;
    return completion;
  }

  give(completion: SendCompletion): void {
    completion.command = null;
    completion.connection = null;
    completion.stats = null;
    completion.recallHandle = '';
    completion.offsetDelta = 0;
    if (this.#free.length < POOL_MAX) this.#free.push(completion);
  }
}

/** One send that the store has accepted. */
export class SendCompletion implements AppendCompletion {
  command: Command | null = null;
  connection: Connection | null = null;
  stats: TopicStats | null = null;
  /** What the sender is told; for a delayed message not the queue that it lies in. */
  queueId = 0;
  /** For a message that waits for its time; empty for all others. */
  recallHandle = '';
  /** Makes the offset that of the logical queue; 0 for a topic that is not static. */
  offsetDelta = 0;
  readonly #owner: SendCompletions;
  readonly #key: Buffer = Buffer.alloc(KEY_BYTES_MAX);
  #keyBytes = 0;
  /** The key when it does not fit the fast way, else null. */
  #longKey: string | null = null;
  #storedQueueId = 0;
  #queueOffset = 0;
  #physicalOffset = 0;
  #batchOffsets: number[] = [];
  #batchCount = 0;
  #recordBytes = 0;
  #storeTimestamp = 0;

  constructor(owner: SendCompletions) {
    this.#owner = owner;
  }

  /** Keeps the message's unique key for the answer; `start` below 0 for none. */
  setKey(source: Buffer, start: number, end: number): void {
    this.#longKey = null;
    this.#keyBytes = 0;
    if (start < 0) return;
    const key = this.#key;
    let bytes = 0;
    for (let at = start; at < end; at++) {
      const byte = source[at] ?? 0;
      if (bytes === KEY_BYTES_MAX || byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c) {
        this.#longKey = source.toString('utf8', start, end);
        return;
      }
      key[bytes++] = byte;
    }
    this.#keyBytes = bytes;
  }

  /** Takes over what the store decided. `batchCount` is 0 for a single message. */
  accepted(request: AppendRequest, batchCount: number): void {
    this.#storedQueueId = request.queue?.queueId ?? 0;
    this.#queueOffset = request.queueOffset + this.offsetDelta;
    this.#physicalOffset = request.physicalOffset;
    this.#recordBytes = request.recordBytes;
    this.#storeTimestamp = request.storeTimestamp;
    this.#batchCount = batchCount;
    if (batchCount === 0) return;
    const offsets = request.physicalOffsets;
    request.physicalOffsets = this.#batchOffsets;
    this.#batchOffsets = offsets;
  }

  completed(status: PutStatus): void {
    const { command, connection } = this;
    if (command === null || connection === null) return;
    const { stats, clock } = this.#owner.deps;
    const code = storedCode(status);
    if (code === undefined) {
      stats.putFailed();
      this.#refuse(command, connection, status);
    } else {
      this.stats?.put(this.#storedQueueId, this.#batchCount || 1, this.#recordBytes);
      stats.latency.note(clock.nowMs() - this.#storeTimestamp);
      if (!command.isOneway && !connection.closed) this.#answer(command, connection, code);
    }
    connection.finish(command);
    this.#owner.give(this);
  }

  #refuse(command: Command, connection: Connection, status: PutStatus): void {
    const { store, stamps, bodyBytesMax } = this.#owner.deps;
    const refusal = refusalOf(status, store.statusReason, bodyBytesMax());
    connection.respond(command, { ...refusal, ext: stamps.ext });
  }

  #answer(command: Command, connection: Connection, code: number): void {
    if (this.#longKey !== null) {
      this.#answerSlowly(command, connection, code, this.#longKey);
      return;
    }
    const { writer, deps } = this.#owner;
    const { stamps, identity } = deps;
    const { storeHost } = identity;
    const idBytes = (storeHost.length + 8) * 2 + 1;
    const handle = this.recallHandle === '' ? null : Buffer.from(this.recallHandle, 'latin1');
    const bytesMax =
      (handle?.length ?? 0) +
      ANSWER_BYTES +
      stamps.region.length +
      KEY_BYTES_MAX +
      idBytes * (this.#batchCount || 1);
    const target = connection.reserve(bytesMax);
    const at = connection.outputStart;
    writer.begin(target, at, command.serialization, code, command.opaque);
    writer.bytes(MSG_REGION, stamps.region, 0, stamps.region.length);
    writer.bytes(TRACE_ON, stamps.traceOn, 0, stamps.traceOn.length);
    if (this.#batchCount === 0) writer.messageId(MSG_ID, storeHost, this.#physicalOffset);
    else writer.messageIds(MSG_ID, storeHost, this.#batchOffsets);
    writer.number(QUEUE_ID, this.queueId);
    writer.number(QUEUE_OFFSET, this.#queueOffset);
    if (this.#keyBytes > 0) writer.bytes(TRANSACTION_ID, this.#key, 0, this.#keyBytes);
    if (handle !== null) writer.bytes(RECALL_HANDLE, handle, 0, handle.length);
    connection.advance(writer.end());
  }

  #answerSlowly(command: Command, connection: Connection, code: number, key: string): void {
    const { stamps, identity } = this.#owner.deps;
    const offsets = this.#batchCount === 0 ? [this.#physicalOffset] : this.#batchOffsets;
    const ids = offsets.map((offset) => encodeOffsetMessageId(identity.storeHost, offset));
    const ext = SendMessage.response.encode({
      msgId: ids.join(','),
      queueId: this.queueId,
      queueOffset: this.#queueOffset,
      transactionId: key,
      recallHandle: this.recallHandle || undefined,
    });
    for (const [name, value] of stamps.ext) ext.set(name, value);
    connection.respond(command, { code, ext });
  }
}
