import { createHash } from 'node:crypto';

const HASH_DIGITS = 64;
const SEPARATOR = 0x0a;

/** A body that proves itself: the hash of the rest, the id, filler up to `bytes`. */
export function ledgerBody(id: string, bytes = 0): Buffer {
  const head = Buffer.from(`${id}\n`, 'utf8');
  const rest = Buffer.alloc(Math.max(head.length, bytes - HASH_DIGITS), '.');
  head.copy(rest);
  return Buffer.concat([Buffer.from(hashOf(rest), 'latin1'), rest]);
}

/** What a body says of itself; `intact` is false when a byte of it changed. */
export function readLedgerBody(body: Buffer): { id: string; intact: boolean; bodyHash: string } {
  const bodyHash = hashOf(body);
  const rest = body.subarray(HASH_DIGITS);
  const end = rest.indexOf(SEPARATOR);
  const id = end < 0 ? '' : rest.toString('utf8', 0, end);
  const claimed = body.toString('latin1', 0, HASH_DIGITS);
  return { id, intact: end >= 0 && claimed === hashOf(rest), bodyHash };
}

/** SHA-256, hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
