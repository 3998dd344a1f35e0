/**
 * Finds the pending half messages again when the broker starts: those of the half queue that the
 * queue of outcomes does not name, and whose commit is not in the log. So the last word is what is
 * stored, whatever a crash left out between a commit and its outcome.
 */
import { PropertyName, type RecordView, SystemFlag, SystemTopic } from '@skylarkmq/message';
import type { MessageStore, QueueHandle } from '@skylarkmq/store';
import { delayLevelOf, wantsTimer } from '../send/delayed-properties.ts';
import {
  checksOf,
  firstOffsetOf,
  type HalfRecord,
  halfRecordAt,
  immunityMsOf,
  sinceMsOf,
} from './half-record.ts';
import { type OperationLog, offsetsIn, REMOVE_TAG } from './operation-log.ts';
import type { PendingHalf, PendingHalves } from './pending-halves.ts';
import { readQueue } from './queue-reader.ts';

export interface LoadHalvesDeps {
  readonly store: Pick<MessageStore, 'getMessages' | 'offsetByTime' | 'queue' | 'queues'>;
  readonly operations: OperationLog;
  /** Filled. */
  readonly halves: PendingHalves;
  /** A half of the topic is pending. */
  counted(topic: string): void;
}

/** Where the broker's own group stands in the two queues; -1 for nowhere yet. */
export interface LoadFrom {
  readonly halfOffset: number;
  readonly operationOffset: number;
}

/** A half without an outcome in the queue of outcomes, and where its commit would be. */
interface Candidate {
  readonly half: PendingHalf;
  readonly topic: string;
  readonly uniqueKey: string;
  readonly storeTimestamp: number;
  /** Where its copies lie in the log: a commit names one of them. */
  readonly places: number[];
  /** Queues that a commit may be in, `topic` and `queueId`. */
  readonly targets: readonly Target[];
}

interface Target {
  readonly topic: string;
  readonly queueId: number;
}

/** Fills the table. Returns how many halves had a commit but no outcome; they are ended now. */
export async function loadHalves(from: LoadFrom, deps: LoadHalvesDeps): Promise<number> {
  const { store } = deps;
  const halfQueue = store.queue(SystemTopic.TransactionHalf, 0);
  const ended = await readOutcomes(from, deps);
  const candidates = new Map<number, Candidate>();
  const byKey = new Map<string, Candidate>();
  await readQueue(store, halfQueue, from.halfOffset, halfQueue.nextOffset, (view) => {
    const half = halfRecordAt(view.buffer, view.start);
    if (half === undefined || ended.has(half.view.queueOffset)) return;
    const first = firstOffsetOf(half.properties);
    if (first !== undefined && ended.has(first)) return;
    const candidate = candidateOf(half);
    const { half: pending, uniqueKey } = candidate;
    const before = byKey.get(uniqueKey);
    // A copy takes the place of what it was made of. Two sends of one message are two halves.
    if (before !== undefined && isCopyOf(half, before)) {
      candidates.delete(before.half.queueOffset);
      pending.older = [...(before.half.older ?? []), before.half.queueOffset];
      candidate.places.push(...before.places);
    } else if (first !== undefined) pending.older = [first];
    candidates.set(pending.queueOffset, candidate);
    byKey.set(uniqueKey, candidate);
  });
  await addFirstPlaces(candidates.values(), halfQueue, from.halfOffset, deps);
  const committed = await findCommits([...candidates.values()], deps);
  for (const candidate of candidates.values()) {
    const { half, topic } = candidate;
    if (committed.has(candidate)) {
      deps.operations.ended([...(half.older ?? []), half.queueOffset]);
      continue;
    }
    deps.halves.add(half);
    deps.counted(topic);
  }
  return committed.size;
}

async function readOutcomes(from: LoadFrom, deps: LoadHalvesDeps): Promise<Set<number>> {
  const queue = deps.store.queue(SystemTopic.TransactionOperation, 0);
  const ended = new Set<number>();
  await readQueue(deps.store, queue, from.operationOffset, queue.nextOffset, (view) => {
    if (tagOf(view) !== REMOVE_TAG) return;
    let halfMax = -1;
    for (const offset of offsetsIn(view.buffer.toString('latin1', view.bodyStart, view.bodyEnd))) {
      halfMax = Math.max(halfMax, offset);
      ended.add(offset);
    }
    deps.operations.note(view.queueOffset, halfMax);
  });
  return ended;
}

function tagOf({ buffer, propertiesStart, propertiesEnd }: RecordView): string | undefined {
  const text = buffer.toString('utf8', propertiesStart, propertiesEnd);
  const pair = text.split('\u0002').find((one) => one.startsWith('TAGS\u0001'));
  return pair?.slice(5);
}

function isCopyOf(half: HalfRecord, before: Candidate): boolean {
  if (half.uniqueKey === '') return false;
  const first = firstOffsetOf(half.properties);
  if (first === undefined) return checksOf(half.properties) > 0;
  return first === before.half.queueOffset || (before.half.older?.includes(first) ?? false);
}

function candidateOf(half: HalfRecord): Candidate {
  const { view, properties, topic, queueId, uniqueKey } = half;
  const { queueOffset, physicalOffset, totalSize, bornTimestamp, storeTimestamp } = view;
  const targets: Target[] = [{ topic, queueId }];
  const level = delayLevelOf(properties);
  if (level > 0) targets.push({ topic: SystemTopic.Schedule, queueId: level - 1 });
  if (wantsTimer(properties)) targets.push({ topic: SystemTopic.Timer, queueId: 0 });
  return {
    half: {
      ...{ queueOffset, physicalOffset },
      recordBytes: totalSize,
      sinceMs: sinceMsOf(bornTimestamp, storeTimestamp),
      immunityMs: immunityMsOf(properties.get(PropertyName.CheckImmunityTime)),
      checks: checksOf(properties),
      older: null,
    },
    ...{ topic, uniqueKey, storeTimestamp, targets },
    places: [physicalOffset],
  };
}

/** A commit may name the first copy, from before the part of the queue that was read. */
async function addFirstPlaces(
  candidates: Iterable<Candidate>,
  queue: QueueHandle,
  from: number,
  deps: LoadHalvesDeps,
): Promise<void> {
  for (const { half, places } of candidates) {
    const first = half.older?.[0];
    if (first === undefined || first >= from) continue;
    await readQueue(deps.store, queue, first, first + 1, (view) => {
      places.push(view.physicalOffset);
    });
  }
}

/** Candidates whose commit is in a queue already. */
async function findCommits(
  candidates: readonly Candidate[],
  deps: LoadHalvesDeps,
): Promise<Set<Candidate>> {
  const committed = new Set<Candidate>();
  const byPlace = new Map<number, Candidate>();
  const since = new Map<QueueHandle, number>();
  for (const candidate of candidates) {
    for (const place of candidate.places) byPlace.set(place, candidate);
    for (const { topic, queueId } of candidate.targets) {
      const queue = deps.store.queue(topic, queueId);
      const known = since.get(queue) ?? Number.POSITIVE_INFINITY;
      since.set(queue, Math.min(known, candidate.storeTimestamp));
    }
  }
  for (const [queue, sinceMs] of since) {
    const { topic, queueId } = queue;
    const from = await deps.store.offsetByTime(topic, queueId, sinceMs);
    await readQueue(deps.store, queue, from, queue.nextOffset, (view) => {
      if ((view.sysFlag & SystemFlag.TransactionMask) !== SystemFlag.TransactionCommit) return;
      const candidate = byPlace.get(view.preparedTransactionOffset);
      if (candidate !== undefined) committed.add(candidate);
    });
  }
  return committed;
}
