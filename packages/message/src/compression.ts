/** Compression of bodies: zlib is built in, LZ4 and zstd are handed in by whoever has them. */
import { deflateSync, inflateSync } from 'node:zlib';
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { SystemFlag } from './system-flag.ts';

export type CompressionType = 'zlib' | 'lz4' | 'zstd';

/** One algorithm. Both calls may throw; the caller converts. */
export interface CompressionCodec {
  readonly type: CompressionType;
  compress(body: Uint8Array): Buffer;
  /** Must refuse to make more than `bytesMax` bytes. */
  decompress(body: Uint8Array, bytesMax: number): Buffer;
}

/** As the official client: level 5, zlib-wrapped. */
const ZLIB_LEVEL = 5;
/** A body that grows beyond this when decompressed is refused: 8 times the largest message. */
export const DECOMPRESSED_BYTES_MAX: number = 32 * 1024 * 1024;

export const zlibCodec: CompressionCodec = {
  type: 'zlib',
  compress: (body) => deflateSync(body, { level: ZLIB_LEVEL }),
  decompress: (body, bytesMax) => inflateSync(body, { maxOutputLength: bytesMax }),
};

const FLAGS: Readonly<Record<CompressionType, number>> = {
  lz4: SystemFlag.CompressionLz4,
  zstd: SystemFlag.CompressionZstd,
  zlib: SystemFlag.CompressionZlib,
};

/** The sysFlag bits that say "compressed with this". */
export function compressionFlag(type: CompressionType): number {
  return SystemFlag.Compressed | FLAGS[type];
}

/** How a body is compressed; undefined when it is not. Old clients leave the type bits 0: zlib. */
export function compressionTypeOf(sysFlag: number): CompressionType | undefined {
  if ((sysFlag & SystemFlag.Compressed) === 0) return undefined;
  const bits = sysFlag & SystemFlag.CompressionMask;
  if (bits === SystemFlag.CompressionLz4) return 'lz4';
  return bits === SystemFlag.CompressionZstd ? 'zstd' : 'zlib';
}

/**
 * The body as the producer gave it. UNSUPPORTED when no codec for its compression was handed in,
 * CORRUPT when it does not decompress.
 */
export function decompressBody(
  body: Buffer,
  sysFlag: number,
  codecs: readonly CompressionCodec[] = [zlibCodec],
  bytesMax: number = DECOMPRESSED_BYTES_MAX,
): Buffer {
  const type = compressionTypeOf(sysFlag);
  if (type === undefined) return body;
  const codec =
    codecs.find((one) => one.type === type) ?? (type === 'zlib' ? zlibCodec : undefined);
  if (codec === undefined) {
    const hint = 'hand a codec for it to the consumer';
    throw new MqError(MqErrorCode.Unsupported, `The body is compressed with ${type}: ${hint}`);
  }
  try {
    return codec.decompress(body, bytesMax);
  } catch (error) {
    const what = `A body of ${body.length} bytes does not decompress with ${type}`;
    throw new MqError(MqErrorCode.Corrupt, what, { cause: error });
  }
}
