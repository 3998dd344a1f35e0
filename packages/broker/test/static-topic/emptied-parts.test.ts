/** Parts of logical queues that retention has emptied, here and at another broker. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError, MqErrorCode, realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import {
  type Command,
  encodeGroupList,
  GetMaxOffset,
  GetMinOffset,
  QueryConsumerOffset,
  QueryTopicConsumeByWho,
  type QueuePart,
  UpdateConsumerOffset,
} from '@skylarkmq/wire';
import { ConsumerOffsets } from '../../src/offset/consumer-offsets.ts';
import { DEFAULT_SETTINGS } from '../../src/settings.ts';
import { EmptiedParts } from '../../src/static-topic/emptied-parts.ts';
import { LogicalOffsets } from '../../src/static-topic/logical-offsets.ts';
import { StaticTopics } from '../../src/static-topic/static-topics.ts';
import { part, staticTopic } from './mappings.ts';

/** What another broker has of one queue. */
interface Peer {
  min: number;
  max: number;
  readonly groups: Map<string, number>;
}

class Lab {
  readonly time = new VirtualTime(realScheduler);
  readonly staticTopics: StaticTopics;
  readonly offsets: ConsumerOffsets;
  /** Physical queue here -> its ends. */
  readonly here = new Map<number, readonly [number, number]>();
  readonly peer: Peer = { min: 0, max: 0, groups: new Map() };
  isPeerUp = true;
  readonly emptied: EmptiedParts;

  constructor(parts: readonly QueuePart[]) {
    const ports = { clock: this.time, scheduler: this.time, logger: silentLogger };
    this.staticTopics = new StaticTopics({ file: null, ...ports });
    this.staticTopics.put(staticTopic(new Map([[0, [...parts]]])));
    this.offsets = new ConsumerOffsets({
      ...{ file: null, ...ports },
      settings: () => DEFAULT_SETTINGS,
    });
    const { staticTopics, offsets } = this;
    const peers = { ask: this.#ask.bind(this) };
    const store = {
      minOffset: (_topic: string, queueId: number) => this.here.get(queueId)?.[0] ?? 0,
      maxOffset: (_topic: string, queueId: number) => this.here.get(queueId)?.[1] ?? 0,
      offsetByTime: () => Promise.resolve(-1),
      earliestStoreTime: () => Promise.resolve(-1),
    };
    const logical = new LogicalOffsets({ staticTopics, offsets, peers, store, ...ports });
    this.emptied = new EmptiedParts({ staticTopics, offsets, peers, logical, ...ports });
  }

  /** Generations of the parts that are left. */
  get gens(): readonly number[] {
    const parts = this.staticTopics.get('Static')?.hostedQueues.get(0) ?? [];
    return parts.map(({ gen }) => gen);
  }

  #ask(_broker: string, _topic: string, request: { code: number; ext?: unknown }) {
    if (!this.isPeerUp) return Promise.reject(new MqError(MqErrorCode.Connect, 'down'));
    const { min, max, groups } = this.peer;
    const ext = request.ext instanceof Map ? request.ext : new Map();
    const group = ext.get('consumerGroup');
    switch (request.code) {
      case GetMinOffset.code:
        return answer(0, [['offset', String(min)]]);
      case GetMaxOffset.code:
        return answer(0, [['offset', String(max)]]);
      case QueryTopicConsumeByWho.code:
        return answer(0, [], encodeGroupList(groups.keys()));
      case QueryConsumerOffset.code: {
        const offset = groups.get(group);
        return offset === undefined ? answer(22) : answer(0, [['offset', String(offset)]]);
      }
      case UpdateConsumerOffset.code:
        groups.set(group, Number(ext.get('commitOffset')));
        return answer(0);
      default:
        return answer(3);
    }
  }
}

function answer(
  code: number,
  ext: readonly [string, string][] = [],
  body: Buffer | null = null,
): Promise<Command> {
  const command: Pick<Command, 'code' | 'ext' | 'body' | 'remark'> = {
    ...{ code, ext: new Map(ext), body, remark: null },
  };
  return Promise.resolve(Object.assign(Object.create(null), command));
}

const OLD = part({ queueId: 5 });
const AWAY = part({ gen: 1, queueId: 7, brokerName: 'broker-b', logicOffset: 10_000 });
const LEADER = part({ gen: 2, queueId: 6, logicOffset: 20_000 });

test('an empty part goes, one with messages stays, the leader stays for ever', async () => {
  const lab = new Lab([OLD, LEADER]);
  lab.here.set(5, [0, 3]);
  await lab.emptied.removeAll();
  assert.deepEqual(lab.gens, [0, 2]);
  lab.here.set(5, [3, 3]);
  lab.here.set(6, [0, 0]);
  await lab.emptied.removeAll();
  assert.deepEqual(lab.gens, [2]);
  await lab.emptied.removeAll();
  assert.deepEqual(lab.gens, [2]);
});

test('groups that were in the part go on behind it', async () => {
  const lab = new Lab([OLD, LEADER]);
  lab.here.set(5, [3, 3]);
  lab.offsets.commit('slow', 'Static', 5, 2, 'test');
  lab.offsets.commit('quick', 'Static', 5, 3, 'test');
  lab.offsets.commit('quick', 'Static', 6, 40, 'test');
  await lab.emptied.removeAll();
  assert.deepEqual(lab.gens, [2]);
  assert.equal(lab.offsets.query('slow', 'Static', 6), 0);
  assert.equal(lab.offsets.query('quick', 'Static', 6), 40);
});

test('parts at another broker are asked for there, groups are told there', async () => {
  const lab = new Lab([OLD, AWAY, LEADER]);
  lab.here.set(5, [3, 3]);
  lab.offsets.commit('slow', 'Static', 5, 2, 'test');
  lab.peer.max = 4;
  await lab.emptied.removeAll();
  assert.deepEqual(lab.gens, [1, 2]);
  assert.deepEqual([...lab.peer.groups], [['slow', 0]]);
  lab.peer.groups.set('slow', 4);
  lab.peer.min = 4;
  lab.isPeerUp = false;
  await lab.emptied.removeAll();
  assert.deepEqual(lab.gens, [1, 2], 'nobody knows what it has');
  lab.isPeerUp = true;
  await lab.emptied.removeAll();
  assert.deepEqual(lab.gens, [2]);
  assert.equal(lab.offsets.query('slow', 'Static', 6), 0, 'it goes on at the leader');
});

test('a queue that is being moved, or led elsewhere, is left alone', async () => {
  const open = new Lab([OLD, { ...LEADER, logicOffset: -1 }]);
  await open.emptied.removeAll();
  assert.deepEqual(open.gens, [0, 2]);
  const elsewhere = new Lab([OLD, { ...AWAY, logicOffset: 10 }]);
  await elsewhere.emptied.removeAll();
  assert.deepEqual(elsewhere.gens, [0, 1]);
});

test('it happens by itself, every five minutes', async () => {
  const lab = new Lab([OLD, LEADER]);
  lab.emptied.start();
  await lab.time.advance(299_999);
  assert.deepEqual(lab.gens, [0, 2]);
  await lab.time.advance(1);
  assert.deepEqual(lab.gens, [2]);
  await lab.emptied.close();
  assert.equal(lab.time.pending, 0);
});
