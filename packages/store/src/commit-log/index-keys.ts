/** Which keys of a record go into the index. RocketMQ: IndexService#buildIndex, with 5.5.0's tag */
import { javaHashCodeUtf8 } from '@skylarkmq/base';
import type { PropertyScan } from '@skylarkmq/message';
import type { Topic } from '../consume-queue/topic.ts';

const SPACE = 32;

/** What receives the hashes, in the order of the entries. */
export interface KeySink {
  pushKey(hash: number): void;
}

/** Hands the hash of each key of a message to `sink`: unique key, keys, tag. */
export function collectKeys(
  properties: Buffer,
  scan: PropertyScan,
  topic: Topic,
  sink: KeySink,
): void {
  if (scan.uniqKeyStart >= 0) {
    sink.pushKey(
      positive(
        javaHashCodeUtf8(properties, scan.uniqKeyStart, scan.uniqKeyEnd, topic.keyHashPrefix),
      ),
    );
  }
  if (scan.keysStart >= 0) splitKeys(properties, scan.keysStart, scan.keysEnd, topic, sink);
  if (scan.tagsStart >= 0) {
    sink.pushKey(
      positive(javaHashCodeUtf8(properties, scan.tagsStart, scan.tagsEnd, topic.tagHashPrefix)),
    );
  }
}

/** Java's Math.abs of an int32, with 0 for the one that has no positive. */
export function positive(hash: number): number {
  if (hash >= 0) return hash;
  return hash === -0x80000000 ? 0 : -hash;
}

function splitKeys(
  properties: Buffer,
  start: number,
  end: number,
  topic: Topic,
  sink: KeySink,
): void {
  let from = start;
  for (let at = start; at <= end; at += 1) {
    if (at < end && properties[at] !== SPACE) continue;
    if (at > from) {
      sink.pushKey(positive(javaHashCodeUtf8(properties, from, at, topic.keyHashPrefix)));
    }
    from = at + 1;
  }
}
