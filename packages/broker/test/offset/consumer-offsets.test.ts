/** Offsets of groups: Apache's file in and out, resets, and agreement with a simple model. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createPrng,
  JsonFile,
  jsonObject,
  MemoryFileSystem,
  parseFastjson,
  randomSeed,
  realScheduler,
  silentLogger,
  stringifyJson,
  VirtualTime,
} from '@skylarkmq/base';
import { ConsumerOffsets } from '../../src/offset/consumer-offsets.ts';
import { DEFAULT_SETTINGS } from '../../src/settings.ts';

const PATH = '/config/consumerOffset.json';
const BY = '10.0.0.9:50000';

function start(disk = new MemoryFileSystem()) {
  const time = new VirtualTime(realScheduler);
  const offsets = new ConsumerOffsets({
    file: new JsonFile(disk, PATH),
    scheduler: time,
    logger: silentLogger,
    settings: () => DEFAULT_SETTINGS,
  });
  offsets.load();
  return { disk, time, offsets };
}

/** As Apache 5.5.0 wrote it. */
const APACHE = `{
	"dataVersion":{"counter":0,"stateVersion":0,"timestamp":1795353990049},
	"groupTopicMap":{"GID_consumer":["TopicBasic"]},
	"offsetTable":{
		"TopicBasic@GID_consumer":{0:8,1:7},
		"RMQ_SYS_TRANS_HALF_TOPIC@CID_RMQ_SYS_TRANS":{0:13}
	},
	"pullOffsetTable":{"TopicBasic@GID_consumer":{0:9}}
}`;

test("Apache's file is read and written back with the same content", () => {
  const disk = new MemoryFileSystem();
  new JsonFile(disk, PATH).save(APACHE);
  const { offsets } = start(disk);
  assert.equal(offsets.query('GID_consumer', 'TopicBasic', 1), 7);
  assert.equal(offsets.query('CID_RMQ_SYS_TRANS', 'RMQ_SYS_TRANS_HALF_TOPIC', 0), 13);
  assert.equal(offsets.pullOffset('GID_consumer', 'TopicBasic', 0), 9);
  assert.equal(offsets.query('GID_consumer', 'TopicBasic', 2), -1);
  const written = parseFastjson(stringifyJson(offsets.json()));
  const expected = parseFastjson(APACHE);
  assert.ok(written instanceof Map && expected instanceof Map);
  for (const name of ['dataVersion', 'offsetTable', 'pullOffsetTable']) {
    assert.deepEqual(written.get(name), expected.get(name));
  }
});

test('commits are on disk within five seconds, idle offsets are not written again', async () => {
  const { disk, time, offsets } = start();
  offsets.commit('G', 'T', 0, 5, BY);
  offsets.notePull('G', 'T', 0, 9);
  await time.advance(5000);
  const again = start(disk).offsets;
  assert.equal(again.query('G', 'T', 0), 5);
  assert.equal(again.pullOffset('G', 'T', 0), 9);
  offsets.commit('G', 'T', 0, 5, BY);
  offsets.notePull('G', 'T', 0, 9);
  assert.equal(time.pending, 0);
});

test('a reset sets the offset and is taken by one pull', () => {
  const { offsets } = start();
  offsets.commit('G', 'T', 0, 100, BY);
  offsets.reset('G', 'T', 0, 10);
  assert.equal(offsets.query('G', 'T', 0), 10);
  assert.equal(offsets.isResetPending('G', 'T', 0), true);
  assert.equal(offsets.takeReset('G', 'T', 1), -1);
  assert.equal(offsets.takeReset('G', 'T', 0), 10);
  assert.equal(offsets.takeReset('G', 'T', 0), -1);
  assert.equal(offsets.isResetPending('G', 'T', 0), false);
});

test('cloning, removing groups and topics', () => {
  const { offsets } = start();
  offsets.commit('A', 'T', 0, 1, BY);
  offsets.commit('A', 'T', 1, 2, BY);
  offsets.commit('A', 'U', 0, 3, BY);
  offsets.clone('A', 'B', 'T');
  offsets.clone('Nobody', 'C', 'T');
  assert.deepEqual(
    offsets.offsetsOf('B', 'T'),
    new Map([
      [0, 1],
      [1, 2],
    ]),
  );
  assert.deepEqual(offsets.groupsOf('T'), ['A', 'B']);
  offsets.removeTopic('T');
  assert.deepEqual(offsets.groupsOf('T'), []);
  assert.deepEqual(offsets.topicsOf('A'), ['U']);
  offsets.removeGroup('A');
  assert.equal(offsets.offsetsOf('A', 'U'), undefined);
});

test('offsets beyond the end of a shortened queue go back to it', () => {
  const { offsets } = start();
  offsets.commit('G', 'T', 0, 50, BY);
  offsets.commit('G', 'T', 1, 5, BY);
  offsets.limit((_topic, queueId) => (queueId === 0 ? 40 : 10));
  assert.deepEqual(
    offsets.offsetsOf('G', 'T'),
    new Map([
      [0, 40],
      [1, 5],
    ]),
  );
});

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`random changes with restarts agree with a plain map (SEED=${seed})`, () => {
  const prng = createPrng(seed);
  const disk = new MemoryFileSystem();
  let { offsets } = start(disk);
  const model = new Map<string, number>();
  for (let step = 0; step < 3000; step++) {
    const [group, topic] = [`G${prng.below(4)}`, `T${prng.below(4)}`];
    const queueId = prng.below(3);
    const what = prng.below(100);
    if (what === 0) {
      offsets.close();
      offsets = start(disk).offsets;
    } else if (what < 4) {
      offsets.removeGroup(group);
      for (const key of model.keys()) if (key.startsWith(`${group} `)) model.delete(key);
    } else if (what < 8) {
      offsets.removeTopic(topic);
      for (const key of model.keys()) if (key.includes(` ${topic} `)) model.delete(key);
    } else {
      const offset = prng.below(1000);
      offsets.commit(group, topic, queueId, offset, BY);
      model.set(`${group} ${topic} ${queueId}`, offset);
    }
    const wanted = model.get(`${group} ${topic} ${queueId}`) ?? -1;
    assert.equal(offsets.query(group, topic, queueId), wanted, `seed ${seed}, step ${step}`);
  }
});

test('light groups have a table of their own in the file of enableLmq, either way', () => {
  const disk = new MemoryFileSystem();
  const usual = new JsonFile(disk, PATH);
  const light = new JsonFile(disk, '/config/lmqConsumerOffset.json');
  const open = (hasLightTable: boolean): ConsumerOffsets => {
    const offsets = new ConsumerOffsets({
      ...{ scheduler: new VirtualTime(realScheduler), logger: silentLogger, hasLightTable },
      settings: () => DEFAULT_SETTINGS,
      file: hasLightTable ? light : usual,
      otherFile: hasLightTable ? usual : light,
    });
    offsets.load();
    return offsets;
  };
  const before = open(false);
  before.commit('%LMQ%reader', 'T', 0, 7, BY);
  before.commit('G', 'T', 1, 3, BY);
  before.close();
  // What is there under the other name is taken over.
  const lit = open(true);
  assert.equal(lit.query('%LMQ%reader', 'T', 0), 7);
  lit.commit('%LMQ%reader', 'T', 0, 8, BY);
  lit.close();
  const root = jsonObject(light.load(), 'the file');
  assert.deepEqual(root.get('lmqOffsetTable'), new Map([['T@%LMQ%reader', 8]]));
  assert.deepEqual(root.get('offsetTable'), new Map([['T@G', new Map([['1', 3]])]]));
  assert.equal(open(true).query('%LMQ%reader', 'T', 0), 8);
  assert.equal(open(false).query('%LMQ%reader', 'T', 0), 7, 'each has its own from then on');
});
