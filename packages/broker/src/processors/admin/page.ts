/** Pages of a table sorted by name: what tools ask of brokers with very many topics or groups. */

import { parseFastjson } from '@skylarkmq/base';
import { type DataVersion, decodeDataVersion, sameVersion } from '@skylarkmq/wire';

export interface PageRequest {
  /** Index of the first entry. */
  readonly from: number | undefined;
  readonly max: number | undefined;
  /** The version that the tool saw with the pages before, as JSON. */
  readonly dataVersion: string | undefined;
}

export interface PageLimits {
  readonly enableSplitMetadata: boolean;
  readonly splitMetadataSize: number;
}

/** The whole table when no page is asked for. A table that has changed begins anew. */
export function pageOf<Value>(
  table: ReadonlyMap<string, Value>,
  version: DataVersion,
  request: PageRequest,
  limits: PageLimits,
): ReadonlyMap<string, Value> {
  const { from, max } = request;
  // Tools send a blank version with the first page.
  const dataVersion = request.dataVersion?.trim() === '' ? undefined : request.dataVersion;
  const isPage = from !== undefined || max !== undefined || dataVersion !== undefined;
  if (!isPage || !limits.enableSplitMetadata) return table;
  const size = Math.min(limits.splitMetadataSize, Math.max(0, max ?? limits.splitMetadataSize));
  const isCurrent = dataVersion === undefined || isSame(dataVersion, version);
  const start = isCurrent ? Math.max(0, from ?? 0) : 0;
  const sorted = [...table].sort(([left], [right]) => (left < right ? -1 : 1));
  return new Map(sorted.slice(start, start + size));
}

function isSame(text: string, version: DataVersion): boolean {
  return sameVersion(decodeDataVersion(parseFastjson(text)), version);
}
