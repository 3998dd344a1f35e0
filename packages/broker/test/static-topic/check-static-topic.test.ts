import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueuePart } from '@skylarkmq/wire';
import {
  changedStaticTopic,
  staticTopicProblem,
} from '../../src/static-topic/check-static-topic.ts';
import { part, staticTopic } from './mappings.ts';

const OLD = part({ endOffset: 50 });
const NEW = part({ gen: 1, queueId: 1, brokerName: 'broker-b', logicOffset: 10_000 });

function problemOf(...parts: QueuePart[]): string | undefined {
  return staticTopicProblem(staticTopic(new Map([[0, parts]])), 'broker-a');
}

test('a mapping must be for this broker, and its parts in order', () => {
  assert.equal(problemOf(OLD, NEW), undefined);
  assert.equal(problemOf(OLD, { ...NEW, logicOffset: -1 }), undefined);
  assert.match(problemOf(NEW, OLD) ?? '', /gen/);
  assert.match(problemOf(OLD, { ...NEW, gen: 0 }) ?? '', /gen dose not increase/);
  assert.match(problemOf(OLD, { ...NEW, logicOffset: 0 }) ?? '', /base logic offset/);
  assert.match(problemOf(OLD, { ...NEW, logicOffset: 50 }) ?? '', /max logic offset/);
  assert.match(problemOf({ ...OLD, logicOffset: -1 }, NEW) ?? '', /negative logic offset/);
  assert.match(problemOf({ ...OLD, startOffset: -1 }) ?? '', /should not be negative/);
  assert.match(problemOf({ ...OLD, startOffset: 51 }) ?? '', /endOffset is smaller/);
  const mapping = staticTopic(new Map([[4, [OLD]]]));
  assert.match(staticTopicProblem(mapping, 'broker-a') ?? '', /one of the 4 queues/);
  assert.match(staticTopicProblem(mapping, 'broker-b') ?? '', /mapping is for broker-a/);
  const huge = staticTopic(new Map(), { totalQueues: 100_000 });
  assert.match(staticTopicProblem(huge, 'broker-a') ?? '', /want 0 to 65536/);
});

test('what is known may grow, but not change its place', () => {
  const known = staticTopic(
    new Map([
      [0, [OLD]],
      [1, [OLD]],
    ]),
  );
  const moved = staticTopic(new Map([[0, [OLD, NEW]]]), { epoch: 2 });
  const changed = changedStaticTopic(known, moved, false);
  assert.ok(typeof changed !== 'string');
  assert.deepEqual([...changed.hostedQueues.keys()], [0, 1]);
  assert.deepEqual(changed.hostedQueues.get(0), [OLD, NEW]);
  assert.match(String(changedStaticTopic(moved, known, false)), /small epoch 1 < 2/);
  const same = staticTopic(
    new Map([
      [0, [OLD, NEW]],
      [1, [OLD]],
    ]),
  );
  assert.match(String(changedStaticTopic(known, same, false)), /leader is different/);
  const less = staticTopic(new Map([[0, [OLD]]]));
  assert.match(String(changedStaticTopic(known, less, false)), /equal epoch with null data/);
  const elsewhere = staticTopic(new Map([[0, [{ ...OLD, queueId: 7 }]]]), { epoch: 2 });
  assert.match(String(changedStaticTopic(known, elsewhere, false)), /would change its place/);
  assert.ok(typeof changedStaticTopic(known, elsewhere, true) !== 'string');
});

test('the begin of a part is decided once', () => {
  const open = staticTopic(new Map([[0, [OLD, { ...NEW, logicOffset: -1 }]]]));
  const decided = staticTopic(new Map([[0, [OLD, NEW]]]));
  assert.ok(typeof changedStaticTopic(open, decided, false) !== 'string');
  const other = staticTopic(new Map([[0, [OLD, { ...NEW, logicOffset: 20_000 }]]]));
  assert.match(String(changedStaticTopic(decided, other, false)), /would change its place/);
});
