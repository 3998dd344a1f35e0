/**
 * The body of a batch send: messages of one topic, one after the other. Layout of each: total size
 * 4, magic 4 (0), CRC 4 (0), flag 4, body length 4, body, properties length 2, properties.
 * RocketMQ: MessageDecoder#encodeMessages.
 */
import { ByteWriter, MqError, MqErrorCode } from '@skylarkmq/base';
import { PROPERTIES_BYTES_MAX } from './property.ts';

const FIXED_BYTES = 22;
/** A batch of more messages is refused: nobody sends that many in one frame honestly. */
const MESSAGES_MAX = 65536;

/** One message of a batch as the producer has it; properties in encoded form. */
export interface BatchMessage {
  readonly flag: number;
  readonly body: Uint8Array;
  readonly properties: Uint8Array;
}

/** Encodes the body of a batch. INVALID_ARGUMENT when properties are too long. */
export function encodeBatch(messages: readonly BatchMessage[]): Buffer {
  let total = 0;
  for (const message of messages) total += batchMessageBytes(message);
  const writer = new ByteWriter(total, total);
  for (const message of messages) {
    if (message.properties.length > PROPERTIES_BYTES_MAX) {
      throw new MqError(
        MqErrorCode.InvalidArgument,
        `Properties of ${message.properties.length} bytes, at most ${PROPERTIES_BYTES_MAX}`,
      );
    }
    writer.i32(batchMessageBytes(message)).i32(0).i32(0).i32(message.flag);
    writer.i32(message.body.length).bytes(message.body);
    writer.i16(message.properties.length).bytes(message.properties);
  }
  return writer.toBuffer();
}

/** Bytes that a message takes in a batch. */
export function batchMessageBytes(message: BatchMessage): number {
  return FIXED_BYTES + message.body.length + message.properties.length;
}

/** Walks over a batch without copying. `reset`, then `next` until it answers false. */
export class BatchScan {
  buffer: Buffer = Buffer.alloc(0);
  flag = 0;
  bodyStart = 0;
  bodyEnd = 0;
  propertiesStart = 0;
  propertiesEnd = 0;
  /** Messages in the batch, known after `reset`. */
  count = 0;
  #start = 0;
  #end = 0;
  #at = 0;

  /** Checks the whole batch; CORRUPT with the reason when its lengths do not fit. */
  reset(buffer: Buffer, start: number, end: number): void {
    this.buffer = buffer;
    this.#start = start;
    this.#end = end;
    this.count = 0;
    this.rewind();
    while (this.next()) {
      if (++this.count > MESSAGES_MAX)
        throw corrupt(this.#at, `more than ${MESSAGES_MAX} messages`);
    }
    if (this.count === 0) throw corrupt(start, 'no message');
    this.rewind();
  }

  /** Back before the first message. */
  rewind(): void {
    this.#at = this.#start;
  }

  /** Goes to the next message; false at the end. */
  next(): boolean {
    const at = this.#at;
    if (at === this.#end) return false;
    if (this.#end - at < FIXED_BYTES) throw corrupt(at, `${this.#end - at} bytes are left`);
    const { buffer } = this;
    const total = int32(buffer, at);
    const bodyBytes = int32(buffer, at + 16);
    if (total < FIXED_BYTES || total > this.#end - at) throw corrupt(at, `size ${total}`);
    if (bodyBytes < 0 || bodyBytes > total - FIXED_BYTES) throw corrupt(at, `body ${bodyBytes}`);
    this.flag = int32(buffer, at + 12);
    this.bodyStart = at + 20;
    this.bodyEnd = this.bodyStart + bodyBytes;
    const propertiesBytes = (int32(buffer, this.bodyEnd - 2) << 16) >> 16;
    this.propertiesStart = this.bodyEnd + 2;
    this.propertiesEnd = this.propertiesStart + propertiesBytes;
    if (propertiesBytes < 0 || this.propertiesEnd !== at + total) {
      throw corrupt(at, `properties of ${propertiesBytes} bytes do not end the message`);
    }
    this.#at = at + total;
    return true;
  }
}

/** What lies within the buffer, as the caller knows: `readInt32BE` checks it once more. */
function int32(buffer: Buffer, at: number): number {
  return (
    ((buffer[at] ?? 0) << 24) |
    ((buffer[at + 1] ?? 0) << 16) |
    ((buffer[at + 2] ?? 0) << 8) |
    (buffer[at + 3] ?? 0)
  );
}

function corrupt(at: number, reason: string): MqError {
  return new MqError(MqErrorCode.Corrupt, `Bad batch at byte ${at}: ${reason}`);
}
