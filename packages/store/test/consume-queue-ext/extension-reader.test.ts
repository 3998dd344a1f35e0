/**
 * What Apache's broker wrote next to its queues reaches the filters.
 * docs/formats/consume-queue-ext.md
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import type { LogStore, QueueExtension } from '../../src/index.ts';
import { openFixture, queuesOf, unpackFixture } from '../fixture.ts';

interface Asked {
  readonly tagsCode: number;
  readonly extension: QueueExtension | undefined;
}

/** What filters are asked with for all messages of the queues that have extensions. */
async function asked(store: LogStore, topics: readonly [string, number][]): Promise<Asked[]> {
  const all: Asked[] = [];
  for (const [topic, queueId] of topics) {
    const queue = store.queue(topic, queueId);
    const of: Asked[] = [];
    const filter = (tagsCode: number, extension?: QueueExtension): boolean => {
      of.push({ tagsCode, extension });
      return true;
    };
    const result = await store.getMessages(queue, queue.minOffset, 32, 1 << 20, filter);
    all.push(...of.slice(0, result.count));
    result.release();
  }
  return all;
}

test('filters get the extension; without it a message is not left out', async () => {
  const fixture = unpackFixture('lmq-multidispatch-ext');
  try {
    const topics = queuesOf(fixture)
      .filter(({ topic }) => !topic.startsWith('%LMQ%'))
      .map(({ topic, queueId }): [string, number] => [topic, queueId]);
    const store = await openFixture(fixture.directory);
    const found = await asked(store, topics);
    await store.close();
    assert.ok(found.length > 0);
    for (const { tagsCode, extension } of found) {
      assert.equal(extension?.tagsCode, tagsCode);
      assert.ok((extension?.storeTimestamp ?? 0) > 1.6e12);
      assert.equal(extension?.bitMap.length, 0);
    }
    rmSync(`${fixture.directory}/consumequeue_ext`, { recursive: true });
    const without = await openFixture(fixture.directory);
    for (const [topic, queueId] of topics) {
      const queue = without.queue(topic, queueId);
      const result = await without.getMessages(queue, queue.minOffset, 32, 1 << 20, () => false);
      assert.equal(result.count, Math.min(32, queue.maxOffset - queue.minOffset), topic);
      result.release();
    }
    await without.close();
  } finally {
    fixture.remove();
  }
});
