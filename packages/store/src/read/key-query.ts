/** Messages by key: the index gives positions by hash, the records' own keys decide. */
import { javaHashCodeUtf8 } from '@skylarkmq/base';
import { decodeRecord, PropertyName } from '@skylarkmq/message';
import { positive } from '../commit-log/index-keys.ts';
import { Topic } from '../consume-queue/topic.ts';
import type { IndexService } from '../index/index-service.ts';
import type { KeyKind, QueryResult } from '../message-store.ts';
import type { RecordLookup } from './record-lookup.ts';

/** RocketMQ: MessageStoreConfig#maxMsgsNumBatch */
const MESSAGES_MAX = 64;
/** Candidates that share the hash may be other keys. */
const CANDIDATES_PER_MESSAGE = 4;

/** Finds up to `maxCount` (at most 64) messages, newest first. */
export async function queryByKey(
  index: IndexService | null,
  lookup: RecordLookup,
  topic: string,
  key: string,
  maxCount: number,
  beginMs: number,
  endMs: number,
  kind: KeyKind,
): Promise<QueryResult> {
  const records: Buffer[] = [];
  const wanted = Math.min(maxCount, MESSAGES_MAX);
  const info = new Topic(topic);
  const prefix = kind === 'tag' ? info.tagHashPrefix : info.keyHashPrefix;
  const bytes = Buffer.from(key);
  const hash = positive(javaHashCodeUtf8(bytes, 0, bytes.length, prefix));
  const limit = wanted * CANDIDATES_PER_MESSAGE;
  const offsets = index?.find(hash, beginMs, endMs, limit) ?? [];
  let previous = -1;
  for (const offset of offsets) {
    if (records.length >= wanted) break;
    // The same record may be there under its unique key and again under its keys.
    if (offset === previous) continue;
    previous = offset;
    const record = await lookup.read(offset, undefined);
    if (record !== null && hasKey(record, topic, key, kind)) records.push(record);
  }
  return {
    records,
    indexLastUpdateTimestamp: index?.lastTimestamp ?? 0,
    indexLastUpdatePhysicalOffset: index?.lastPhysicalOffset ?? 0,
  };
}

function hasKey(record: Buffer, topic: string, key: string, kind: KeyKind): boolean {
  const message = decodeRecord(record, 0, { verify: false });
  if (message.topic !== topic) return false;
  const { properties } = message;
  if (kind === 'tag') return properties.get(PropertyName.Tags) === key;
  if (properties.get(PropertyName.UniqueKey) === key) return true;
  if (kind === 'uniq') return false;
  return (properties.get(PropertyName.Keys) ?? '').split(' ').includes(key);
}
