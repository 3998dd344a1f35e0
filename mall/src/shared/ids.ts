import { randomBytes } from 'node:crypto';

/** What an id is of: its first letters say it to whoever reads a log. */
export type IdKind = 'o' | 'p' | 'u' | 'c' | 'e' | 'r' | 's';

const ID_BYTES = 12;

/** A random id that is safe in addresses: order `o_...`, payment `p_...`, event `e_...`. */
export function newId(kind: IdKind): string {
  return `${kind}_${randomBytes(ID_BYTES).toString('base64url')}`;
}
