/** What became of dead letters: kept in the log, found again after a restart, one winner each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, MemoryFileSystem, realScheduler, VirtualTime } from '@skylarkmq/base';
import type { LogStore } from '@skylarkmq/store';
import type { ChangedDeadLetter, DeadLetterChange, DeadLetterStatus } from '@skylarkmq/wire';
import { LetterStates } from '../../src/dead-letter/letter-states.ts';
import { openStore } from '../domains.ts';

const GROUP = 'G';

class Lab {
  readonly time = new VirtualTime(realScheduler);
  readonly disk = new MemoryFileSystem(() => this.time.nowMs());
  store: LogStore | undefined;

  async open(isIndexed = true): Promise<LetterStates> {
    this.store = await openStore(this.disk, this.time, 'async');
    const clock: Clock = this.time;
    const topicCreator = { forDeadLetterStates: async () => undefined };
    return new LetterStates({ store: this.store, topicCreator, clock, isIndexed });
  }

  async bury(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const body = Buffer.from(`letter ${index}`);
      await this.store?.put({ topic: `%DLQ%${GROUP}`, queueId: 0, body });
    }
    await this.time.advance(0);
  }

  async close(): Promise<void> {
    await this.store?.close();
  }
}

function change(
  offset: number,
  from: readonly DeadLetterStatus[],
  to: DeadLetterStatus,
  messageId = '',
): DeadLetterChange {
  return { queueId: 0, offset, from, to, messageId };
}

async function wish(
  states: LetterStates,
  by: string,
  ...changes: DeadLetterChange[]
): Promise<ChangedDeadLetter[]> {
  return states.change({ group: GROUP, by, claim: `claim of ${by}`, changes });
}

test('a letter is open until somebody does something, and stays what it became', async () => {
  const lab = new Lab();
  const states = await lab.open();
  await lab.bury(3);
  const places = [0, 1, 2].map((offset) => ({ queueId: 0, offset }));
  const before = await states.states(GROUP, places);
  assert.deepEqual(
    before.map(({ status }) => status),
    ['open', 'open', 'open'],
  );
  const [claimed] = await wish(states, 'ann', change(1, ['open'], 'claimed'));
  assert.equal(claimed?.changed, true);
  const [resent] = await wish(states, 'ann', change(1, ['claimed'], 'resent', 'ID1'));
  assert.equal(resent?.changed, true);
  await wish(states, 'bob', change(2, ['open'], 'discarded'));
  await lab.time.advance(0);
  await lab.close();
  const again = await lab.open();
  const [first, second, third] = await again.states(GROUP, places);
  assert.equal(first?.status, 'open');
  assert.deepEqual(
    { ...second, atMs: 0 },
    { queueId: 0, offset: 1, status: 'resent', by: 'ann', atMs: 0, messageId: 'ID1' },
  );
  assert.equal(third?.status, 'discarded');
  assert.equal(third?.by, 'bob');
  const [reopened] = await wish(again, 'ann', change(2, ['discarded'], 'open'));
  assert.equal(reopened?.status, 'open');
  assert.equal(reopened?.changed, true);
  await lab.close();
});

test('of two who want the same letter one gets it', async () => {
  const lab = new Lab();
  const states = await lab.open();
  await lab.bury(1);
  const both = await Promise.all([
    wish(states, 'ann', change(0, ['open'], 'claimed')),
    wish(states, 'bob', change(0, ['open'], 'claimed')),
  ]);
  assert.deepEqual(
    both.map(([one]) => one?.changed),
    [true, false],
  );
  assert.equal(both[1]?.[0]?.by, 'ann');
  const [stolen] = await wish(states, 'bob', change(0, ['claimed'], 'resent', 'X'));
  assert.equal(stolen?.changed, false);
  // A claim that nothing follows is over after a minute.
  await lab.time.advance(60_000);
  const [late] = await wish(states, 'bob', change(0, ['open'], 'claimed'));
  assert.equal(late?.changed, true);
  await lab.close();
});

test('without the index a state is refused, not forgotten', async () => {
  const lab = new Lab();
  const states = await lab.open(false);
  await lab.bury(1);
  await assert.rejects(wish(states, 'ann', change(0, ['open'], 'discarded')), {
    message: /messageIndexEnable=true/,
  });
  await lab.close();
});

test('letters that do not exist and names that are too long are refused', async () => {
  const lab = new Lab();
  const states = await lab.open();
  await lab.bury(1);
  await assert.rejects(wish(states, 'ann', change(1, ['open'], 'discarded')), {
    message: '%DLQ%G has no dead letter at offset 1 of queue 0',
  });
  await assert.rejects(wish(states, 'x'.repeat(256), change(0, ['open'], 'discarded')), {
    message: /at most 255 characters/,
  });
  await lab.close();
});
