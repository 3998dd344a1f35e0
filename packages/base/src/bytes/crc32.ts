/**
 * CRC-32 (IEEE 802.3, as in zlib), the checksum of records. `zlib.crc32` does the work; combining
 * two checksums costs some 32 xors, so bytes that were hashed once need not be hashed again.
 */
import { crc32 as zlibCrc32 } from 'node:zlib';

/** Checksum of `buffer[start, end)`, continued from `seed` (0 begins). Unsigned 32 bits. */
export function crc32(buffer: Buffer, start: number, end: number, seed = 0): number {
  const whole = start === 0 && end === buffer.length;
  return zlibCrc32(whole ? buffer : buffer.subarray(start, end), seed);
}

const POLYNOMIAL = 0xedb88320;
/** Operators are kept for this many lengths; bodies of a topic have few different lengths. */
const OPERATORS_MAX = 256;
const operators = new Map<number, Uint32Array>();

/**
 * The checksum of A followed by B, from the checksums of A and of B and the length of B in bytes.
 * Method: appending n zero bytes is a linear map over GF(2), a matrix of 32 columns (zlib's
 * crc32_combine).
 */
export function crc32Combine(crcA: number, crcB: number, lengthB: number): number {
  if (lengthB === 0) return crcA >>> 0;
  return (apply(operatorFor(lengthB), crcA >>> 0) ^ crcB) >>> 0;
}

function operatorFor(length: number): Uint32Array {
  const known = operators.get(length);
  if (known !== undefined) return known;
  if (operators.size >= OPERATORS_MAX) operators.clear();
  const made = zerosOperator(length);
  operators.set(length, made);
  return made;
}

function apply(matrix: Uint32Array, vector: number): number {
  let sum = 0;
  let rest = vector;
  for (let column = 0; rest !== 0; column++) {
    if ((rest & 1) !== 0) sum ^= matrix[column] ?? 0;
    rest >>>= 1;
  }
  return sum >>> 0;
}

function multiply(left: Uint32Array, right: Uint32Array): Uint32Array {
  return right.map((column) => apply(left, column));
}

/** The map "append `length` zero bytes", by squaring the map "append one zero bit". */
function zerosOperator(length: number): Uint32Array {
  const oneBit = new Uint32Array(32);
  oneBit[0] = POLYNOMIAL;
  for (let column = 1; column < 32; column++) oneBit[column] = 1 << (column - 1);
  const twoBits = multiply(oneBit, oneBit);
  const fourBits = multiply(twoBits, twoBits);
  let power = multiply(fourBits, fourBits);
  let result: Uint32Array | undefined;
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === undefined ? power : multiply(power, result);
    power = multiply(power, power);
  }
  return result ?? oneBit;
}
