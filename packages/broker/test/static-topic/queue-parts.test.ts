import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueuePart } from '@skylarkmq/wire';
import fc from 'fast-check';
import {
  anyLedQueueId,
  ledQueue,
  partAfter,
  partAt,
  toLogical,
  toPhysical,
} from '../../src/static-topic/queue-parts.ts';
import { part, staticTopic } from './mappings.ts';

test('every offset is in one part, and comes back from it', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(lengths, fc.nat(500_000), (sizes, offset) => {
      const parts: QueuePart[] = [];
      let logicOffset = 0;
      for (const [gen, size] of sizes.entries()) {
        parts.push(part({ gen, queueId: gen, logicOffset }));
        logicOffset += size;
      }
      const found = partAt(parts, offset);
      assert.ok(found !== undefined);
      const physical = toPhysical(found, offset);
      assert.ok(physical >= 0);
      assert.equal(toLogical(found, physical), offset);
      const after = partAfter(parts, found);
      if (after !== undefined) assert.ok(offset < after.logicOffset);
    }),
  );
});

test('a part whose begin is not decided holds nothing yet', () => {
  const old = part({ gen: 0 });
  const fresh = part({ gen: 1, brokerName: 'broker-b', logicOffset: -1 });
  assert.equal(partAt([old, fresh], 1_000_000), old);
  assert.equal(partAfter([old, fresh], old), undefined);
  assert.equal(partAt([fresh], 0), undefined);
});

test('the newest part says which broker takes messages', () => {
  const here = part({});
  const there = part({ gen: 1, brokerName: 'broker-b', logicOffset: 10_000 });
  const topic = staticTopic(
    new Map([
      [0, [here, there]],
      [1, [here]],
    ]),
  );
  assert.equal(ledQueue(topic, 0), undefined);
  assert.equal(ledQueue(topic, 1)?.leader, here);
  assert.equal(ledQueue(topic, 2), undefined);
  assert.equal(anyLedQueueId(topic), 1);
  assert.equal(anyLedQueueId(staticTopic(new Map([[0, [here, there]]]))), -1);
});
