import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, type Prng, randomSeed } from '@skylarkmq/base';
import { PropertyName } from '@skylarkmq/message';
import { RequestCode } from '@skylarkmq/wire';
import { startHotPath } from '../hot-path-broker.ts';
import { HotPathClient, messagesOf, numberOf, type TestMessage } from '../hot-path-client.ts';

const ROUNDS = 3000;
const NAMES = [...Object.values(PropertyName), '', 'a', '\u0000', 'ü'];
const VALUES = ['', '1', '-1', 'true', '99999999999999999999', '\u0001', 'x y', '\ud800', '"\\'];

function pick<Value>(prng: Prng, values: readonly Value[]): Value {
  const value = values[prng.below(values.length)];
  assert.ok(value !== undefined);
  return value;
}

function randomProperties(prng: Prng): string {
  let text = '';
  for (let left = prng.below(6); left > 0; left--) {
    text += pick(prng, NAMES) + pick(prng, ['\u0001', '\u0002', '']);
    text += pick(prng, VALUES) + pick(prng, ['\u0002', '\u0002', '']);
  }
  return text;
}

function randomBody(prng: Prng): Buffer | null {
  const bytes = Buffer.alloc(prng.below(120));
  for (let at = 0; at < bytes.length; at++) bytes[at] = prng.below(3) === 0 ? prng.below(256) : 0;
  return bytes.length === 0 ? null : bytes;
}

function randomMessage(prng: Prng): TestMessage {
  return {
    code: pick(prng, [RequestCode.SendMessage, RequestCode.SendMessageV2, 320]),
    topic: pick(prng, ['T', 'T', 'T', '%RETRY%G', '%DLQ%G', 'SCHEDULE_TOPIC_XXXX', 'a b', '']),
    queueId: pick(prng, [0, 1, -1, 4, 0x7fffffff, -0x80000000]),
    body: randomBody(prng),
    propertyText: randomProperties(prng),
    reconsumeTimes: pick(prng, [0, 1, 16, 17, -1]),
    sysFlag: pick(prng, [0, 1, 4, 8, 12, 0x10, 0x80, 0xff, -1]),
    flag: prng.below(100),
    batch: prng.below(3) === 0,
  };
}

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`all is answered, what is accepted can be read (SEED=${seed})`, async () => {
  const prng = createPrng(seed);
  const broker = await startHotPath();
  const client = new HotPathClient(broker.port);
  const codes = new Map<number, number>();
  try {
    for (let round = 0; round < ROUNDS; round += 20) {
      const sends = Array.from({ length: 20 }, () => client.send(randomMessage(prng)));
      for (const { code } of await Promise.all(sends)) codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    assert.ok((codes.get(0) ?? 0) > ROUNDS / 20, `seed ${seed}: accepted ${codes.get(0)}`);
    assert.ok(codes.size > 3, `seed ${seed}: codes ${[...codes.keys()].join()}`);
    let read = 0;
    for (let queueId = 0; queueId < 4; queueId++) {
      const end = broker.store.maxOffset('T', queueId);
      for (let offset = 0; offset < end; ) {
        const answer = await client.pull({ queueId, queueOffset: offset });
        assert.equal(answer.code, 0, `seed ${seed}`);
        read += messagesOf(answer).length;
        offset = numberOf(answer, 'nextBeginOffset');
      }
      read -= end;
    }
    assert.equal(read, 0, `seed ${seed}`);
  } finally {
    await client.close();
    await broker.close();
  }
});
