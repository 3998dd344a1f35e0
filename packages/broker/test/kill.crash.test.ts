/**
 * What kill -9 may take: of topics and groups that were acknowledged nothing, of offsets the last
 * five seconds, of delayed messages nothing (the last ten seconds may come twice).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createPrng,
  MemoryFileSystem,
  type Prng,
  randomSeed,
  realScheduler,
  VirtualTime,
} from '@skylarkmq/base';
import { topicConfig } from '@skylarkmq/wire';
import { delayMessage } from '../src/send/delayed-properties.ts';
import { type Domains, messagesOf, startDomains } from './domains.ts';
import { heartbeat } from './heartbeats.ts';
import { killedDisk } from './killed-disk.ts';

const OFFSETS_LAG_MS = 5000;
const LEVELS = 18;
const ROUNDS = 25;
const STEPS = 60;

/** What the broker acknowledged. */
interface Ledger {
  readonly topics: Set<string>;
  readonly groups: Set<string>;
  /** Group to all offsets that it committed in queue 0, with their times. */
  readonly commits: Map<string, { readonly atMs: number; readonly offset: number }[]>;
  readonly delayed: Set<string>;
}

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`what was acknowledged is there after kill -9 (SEED=${seed})`, async () => {
  const prng = createPrng(seed);
  const ledger: Ledger = {
    topics: new Set(),
    groups: new Set(),
    commits: new Map(),
    delayed: new Set(),
  };
  const time = new VirtualTime(realScheduler);
  let disk = new MemoryFileSystem(() => time.nowMs());
  for (let round = 0; round < ROUNDS; round++) {
    const broker = await startDomains({ time, disk });
    check(broker, ledger, `seed ${seed}, round ${round}`);
    broker.topics.put(topicConfig('T', 4, 6));
    broker.topics.put(topicConfig('TBW102', 8, 7));
    const steps = prng.below(STEPS);
    for (let step = 0; step < steps; step++) await act(broker, ledger, prng, `${round}-${step}`);
    const image = killedDisk(disk);
    await broker.close();
    disk = image;
  }
  const broker = await startDomains({ time, disk });
  await time.advance(60_000);
  const found = new Set<string>();
  for (const message of await messagesOf(broker.store, 'T', 0)) found.add(message.body.toString());
  assert.deepEqual(
    [...ledger.delayed].filter((one) => !found.has(one)),
    [],
    `seed ${seed}`,
  );
  await broker.close();
});

/** One random thing that a client can have acknowledged. */
async function act(broker: Domains, ledger: Ledger, prng: Prng, name: string): Promise<void> {
  const group = `G${prng.below(5)}`;
  switch (prng.below(6)) {
    case 0:
      await broker.topicCreator.forSend(`Topic${name}`, 'TBW102', 4, 'test');
      ledger.topics.add(`Topic${name}`);
      break;
    case 1: {
      const answer = await broker.client().ask(heartbeat(name, { consumers: { [group]: ['T'] } }));
      assert.equal(answer.code, 0);
      ledger.topics.add(`%RETRY%${group}`);
      ledger.groups.add(group);
      break;
    }
    case 2: {
      const properties = new Map([['DELAY', String(1 + prng.below(4))]]);
      const place = delayMessage(properties, 'T', 0, LEVELS);
      assert.ok(place !== undefined);
      const put = await broker.store.put({ ...place, properties, body: Buffer.from(name) });
      assert.equal(put.status, 'OK');
      ledger.delayed.add(name);
      break;
    }
    case 3:
      await broker.time.advance(prng.below(4000));
      break;
    default: {
      const commits = ledger.commits.get(group) ?? [];
      const offset = prng.below(1000);
      broker.offsets.commit(group, 'T', 0, offset, 'test');
      commits.push({ atMs: broker.time.nowMs(), offset });
      ledger.commits.set(group, commits);
    }
  }
}

function check(broker: Domains, ledger: Ledger, where: string): void {
  for (const topic of ledger.topics) assert.ok(broker.topics.get(topic), `${topic}, ${where}`);
  for (const group of ledger.groups) assert.ok(broker.groups.get(group), `${group}, ${where}`);
  const settledMs = broker.time.nowMs() - OFFSETS_LAG_MS;
  for (const [group, commits] of ledger.commits) {
    const offset = broker.offsets.query(group, 'T', 0);
    const last = commits.findLastIndex((one) => one.atMs <= settledMs);
    const allowed = commits.slice(Math.max(0, last)).map((one) => one.offset);
    if (last < 0) allowed.push(-1);
    assert.ok(allowed.includes(offset), `offset ${offset} of ${group} in ${allowed}, ${where}`);
    // What the kill took was never committed, as far as anybody can know from now on.
    ledger.commits.set(group, offset < 0 ? [] : [{ atMs: 0, offset }]);
  }
}
