import { ApiError } from '../api-error.ts';
import type { PgliteEngine } from './pglite-engine.ts';

/** Where a service keeps its data: a schema of its own, or an engine of its own. */
export type DatabaseLocation =
  | { readonly kind: 'memory' }
  /** A directory; each service has its own below it. */
  | { readonly kind: 'directory'; readonly path: string }
  /** One engine in this process for several services. */
  | { readonly kind: 'engine'; readonly engine: PgliteEngine }
  | { readonly kind: 'postgres'; readonly url: string };

/** ":memory:", "postgres://...", or a directory. */
export function parseLocation(text: string): DatabaseLocation {
  if (text === ':memory:') return { kind: 'memory' };
  if (/^postgres(ql)?:\/\//.test(text)) return { kind: 'postgres', url: text };
  if (/^\w+:\/\//.test(text) || text === '') {
    throw new ApiError('INVALID', `"${text}" is no database: give postgres://... or a directory`);
  }
  return { kind: 'directory', path: text };
}
