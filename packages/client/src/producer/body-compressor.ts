import { promisify } from 'node:util';
import { deflate, deflateSync } from 'node:zlib';
import { type CompressionCodec, compressionFlag } from '@skylarkmq/message';

const deflateAsync = promisify(deflate);

/** Bodies above this are compressed on another thread, so that the event loop stays free. */
const INLINE_BYTES_MAX: number = 64 * 1024;

/** A body as it is sent, and the bits of sysFlag that say so. */
export interface EncodedBody {
  readonly body: Buffer;
  readonly sysFlag: number;
}

/** Compresses large bodies where that makes them smaller. */
export class BodyCompressor {
  readonly #overBytes: number;
  readonly #level: number;
  readonly #codec: CompressionCodec | undefined;

  /** `codec` undefined: zlib with `level`. */
  constructor(overBytes: number, level: number, codec: CompressionCodec | undefined) {
    this.#overBytes = overBytes;
    this.#level = level;
    this.#codec = codec;
  }

  /** Whether a body of this size is worth a try. */
  wants(bytes: number): boolean {
    return bytes >= this.#overBytes;
  }

  /** The body for the wire; compressing may fail, then the body goes as it is. */
  // RocketMQ: DefaultMQProducerImpl#tryToCompressMessage
  async encode(body: Buffer): Promise<EncodedBody> {
    const compressed = await this.#compress(body);
    if (compressed.length >= body.length) return { body, sysFlag: 0 };
    return { body: compressed, sysFlag: compressionFlag(this.#codec?.type ?? 'zlib') };
  }

  async #compress(body: Buffer): Promise<Buffer> {
    if (this.#codec !== undefined) return this.#codec.compress(body);
    const options = { level: this.#level };
    if (body.length <= INLINE_BYTES_MAX) return deflateSync(body, options);
    return deflateAsync(body, options);
  }
}
