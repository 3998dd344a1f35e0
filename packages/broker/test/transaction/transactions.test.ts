/** What docs/formats/transaction-queues.md says of half messages and their one outcome. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonObject, parseFastjson } from '@skylarkmq/base';
import { ResponseCode } from '@skylarkmq/wire';
import { killedDisk } from '../killed-disk.ts';
import { COMMIT, GROUP, ROLLBACK, TransactionLab } from './transaction-lab.ts';

const HALF = 'RMQ_SYS_TRANS_HALF_TOPIC';
const OUTCOMES = 'RMQ_SYS_TRANS_OP_HALF_TOPIC';

test('a half lies in its own queue with where it belongs; its commit is the message', async () => {
  const lab = await TransactionLab.start();
  const half = await lab.half('a', { KEYS: 'k' });
  const [stored] = lab.stored(HALF);
  assert.ok(stored);
  assert.equal(stored.sysFlag & 12, 0);
  assert.equal(stored.queueOffset, half.queueOffset);
  assert.equal(stored.properties.get('REAL_TOPIC'), 'T');
  assert.equal(stored.properties.get('REAL_QID'), '0');
  assert.equal(stored.properties.get('__transactionId__'), half.key);
  assert.deepEqual(lab.bodies(), []);
  assert.equal((await lab.end(half, COMMIT)).code, 0);
  const [message] = lab.stored('T');
  assert.ok(message);
  assert.equal(message.body.toString(), 'a');
  assert.equal(message.sysFlag & 12, COMMIT);
  assert.equal(message.preparedTransactionOffset, half.physicalOffset);
  assert.equal(message.bornTimestamp, stored.bornTimestamp);
  assert.equal(message.properties.get('TRAN_MSG'), 'true');
  assert.equal(message.properties.get('KEYS'), 'k');
  assert.equal(message.properties.has('REAL_TOPIC'), false);
  assert.equal(message.properties.has('REAL_QID'), false);
  await lab.close();
  const [outcome, ...more] = lab.stored(OUTCOMES);
  assert.deepEqual(more, []);
  assert.equal(outcome?.body.toString(), '0,');
  assert.deepEqual(
    [...(outcome?.properties ?? [])],
    [
      ['WAIT', 'true'],
      ['TAGS', 'd'],
    ],
  );
});

test('the first outcome counts, also after a restart', async () => {
  const lab = await TransactionLab.start();
  const committed = await lab.half('c');
  const dropped = await lab.half('r');
  assert.equal((await lab.end(committed, COMMIT)).code, 0);
  assert.equal((await lab.end(dropped, ROLLBACK)).code, 0);
  const again = async (one: TransactionLab): Promise<void> => {
    for (const half of [committed, dropped]) {
      for (const outcome of [COMMIT, ROLLBACK]) {
        const answer = await one.end(half, outcome);
        assert.equal(answer.code, ResponseCode.SystemError);
        assert.match(answer.remark ?? '', /has ended.*the first outcome counts/);
      }
    }
    assert.deepEqual(one.bodies(), ['c']);
  };
  await again(lab);
  const image = killedDisk(lab.disk);
  await lab.close();
  await again(await TransactionLab.start({ fileSystem: image }, lab.time));
});

test('ends that name another message, group or place are refused', async () => {
  const lab = await TransactionLab.start();
  const half = await lab.half('a');
  const refused = async (more: Record<string, string>, remark: RegExp): Promise<void> => {
    const answer = await lab.end(half, COMMIT, more);
    assert.equal(answer.code, ResponseCode.SystemError);
    assert.match(answer.remark ?? '', remark);
  };
  await refused({ producerGroup: 'Other' }, /^The producer group wrong.*of PG/);
  await refused({ tranStateTableOffset: '7' }, /^The transaction state table offset wrong/);
  await refused({ commitLogOffset: '1' }, /^Find prepared transaction message failed/);
  await refused({ msgId: 'KEY-b' }, /^The message id wrong.*KEY-a/);
  assert.deepEqual(lab.bodies(), []);
  assert.equal((await lab.end(half, 0)).code, 0);
  assert.equal((await lab.end(half, COMMIT)).code, 0);
  // A message that is no half is none, whatever its properties.
  const plain = await lab.send('plain', { PGROUP: GROUP, REAL_TOPIC: 'T', REAL_QID: '0' });
  assert.equal(plain.code, 0);
  const [message] = lab.stored('T').slice(-1);
  const fake = { ...half, physicalOffset: message?.physicalOffset ?? 0, queueOffset: 1 };
  const answer = await lab.end(fake, COMMIT);
  assert.match(answer.remark ?? '', /^Find prepared transaction message failed/);
});

test('a commit after the time that a half asked for is refused, unless it was asked', async () => {
  const lab = await TransactionLab.start();
  const half = await lab.half('a', { CHECK_IMMUNITY_TIME_IN_SECONDS: '10' });
  await lab.time.advance(10_001);
  const answer = await lab.end(half, COMMIT);
  assert.equal(answer.code, ResponseCode.IllegalOperation);
  assert.equal((await lab.end(half, COMMIT, { fromTransactionCheck: 'true' })).code, 0);
  assert.deepEqual(lab.bodies(), ['a']);
});

test('a delay counts from the commit', async () => {
  const lab = await TransactionLab.start();
  const half = await lab.half('a', { DELAY: '1' });
  assert.equal(lab.stored(HALF).length, 1);
  assert.equal((await lab.end(half, COMMIT)).code, 0);
  assert.deepEqual(lab.bodies('SCHEDULE_TOPIC_XXXX'), ['a']);
  assert.deepEqual(lab.bodies(), []);
  await lab.time.advance(2000);
  const [message] = lab.stored('T');
  assert.equal(message?.properties.get('REAL_TOPIC'), 'T');
  assert.equal(message?.properties.has('TRAN_MSG'), false);
});

test('halves are refused when the broker is told so', async () => {
  const lab = await TransactionLab.start({ settings: { rejectTransactionMessage: true } });
  const answer = await lab.send('a', { TRAN_MSG: 'true', PGROUP: GROUP });
  assert.equal(answer.code, ResponseCode.NoPermission);
  assert.match(answer.remark ?? '', /sending transaction message is forbidden/);
});

test('the group of the broker keeps up, and the pending are counted', async () => {
  const lab = await TransactionLab.start();
  const first = await lab.half('a');
  await lab.end(await lab.half('b'), COMMIT);
  await lab.end(first, COMMIT);
  await lab.half('c');
  await lab.close();
  const read = (name: string): string => {
    const path = `/store/config/${name}`;
    const bytes = Buffer.alloc(lab.disk.stat(path)?.size ?? 0);
    const file = lab.disk.open(path, 'r');
    file.readSync(bytes, 0, bytes.length, 0);
    file.close();
    return bytes.toString();
  };
  const offsets = jsonObject(parseFastjson(read('consumerOffset.json')), 'offsets');
  const table = jsonObject(offsets.get('offsetTable'), 'offsetTable');
  const of = (topic: string): unknown =>
    jsonObject(table.get(`${topic}@CID_RMQ_SYS_TRANS`), topic).get('0');
  assert.equal(of(HALF), 2);
  assert.ok(Number(of(OUTCOMES)) >= 1);
  const metrics = jsonObject(parseFastjson(read('transactionMetrics')), 'metrics');
  const counts = jsonObject(metrics.get('transactionCount'), 'counts');
  assert.equal(jsonObject(counts.get('T'), 'T').get('count'), 1);
});
