/** Who is asked about a transaction without outcome, when, how often, and what comes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRecord, encodeOffsetMessageId, type StoredMessage } from '@skylarkmq/message';
import type { Handler } from '@skylarkmq/remoting';
import {
  CheckTransactionState,
  type CheckTransactionStateRequest,
  ResponseCode,
  ResumeCheckHalfMessage,
} from '@skylarkmq/wire';
import { IDENTITY } from '../domains.ts';
import { killedDisk } from '../killed-disk.ts';
import { COMMIT, type Half, ROLLBACK, TransactionLab } from './transaction-lab.ts';

const HALF = 'RMQ_SYS_TRANS_HALF_TOPIC';
const GIVEN_UP = 'TRANS_CHECK_MAX_TIME_TOPIC';
const QUICK = {
  transactionTimeOut: 1000,
  transactionCheckInterval: 1000,
  transactionCheckMax: 3,
} as const;

interface Question {
  readonly header: CheckTransactionStateRequest;
  readonly message: StoredMessage;
}

/** Keeps the questions. */
function listener(): { readonly questions: Question[]; readonly handler: Handler } {
  const questions: Question[] = [];
  return {
    questions,
    handler: (command) => {
      assert.equal(command.code, CheckTransactionState.code);
      const header = CheckTransactionState.request.decode(command.ext);
      questions.push({ header, message: decodeRecord(Buffer.from(command.body ?? '')) });
      return null;
    },
  };
}

function askedHalf({ header, message }: Question): Half {
  return {
    body: message.body.toString(),
    key: header.msgId ?? '',
    queueOffset: header.tranStateTableOffset,
    physicalOffset: header.commitLogOffset,
  };
}

async function until(lab: TransactionLab, condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !condition(); turn++) {
    await lab.time.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(condition());
}

test('the producer gets the message and the offsets that its answer must name', async () => {
  const lab = await TransactionLab.start({ settings: QUICK });
  const { questions, handler } = listener();
  await lab.producer(handler);
  const half = await lab.half('a');
  await lab.time.advance(900);
  assert.equal(questions.length, 0);
  await until(lab, () => questions.length === 1);
  const [question] = questions;
  assert.ok(question);
  const { header, message } = question;
  assert.equal(message.topic, 'T');
  assert.equal(message.queueId, 0);
  assert.equal(message.body.toString(), 'a');
  assert.equal(message.properties.get('TRANSACTION_CHECK_TIMES'), '1');
  assert.equal(header.transactionId, half.key);
  const copy = lab.stored(HALF)[1];
  assert.equal(copy?.queueOffset, header.tranStateTableOffset);
  assert.equal(copy?.physicalOffset, header.commitLogOffset);
  assert.equal(copy?.properties.get('TRAN_PREPARED_QUEUE_OFFSET'), '0');
  assert.equal((await lab.end(askedHalf(question), COMMIT)).code, 0);
  // The answer to the first send comes late: the offsets from before mean the same transaction.
  assert.match((await lab.end(half, ROLLBACK)).remark ?? '', /the first outcome counts/);
  await lab.time.advance(5000);
  assert.equal(questions.length, 1);
  assert.deepEqual(lab.bodies(), ['a']);
});

test('offsets from before a question still end the transaction', async () => {
  const lab = await TransactionLab.start({ settings: QUICK });
  const { questions, handler } = listener();
  await lab.producer(handler);
  const half = await lab.half('a');
  await until(lab, () => questions.length === 2);
  assert.equal((await lab.end(half, COMMIT)).code, 0);
  assert.deepEqual(lab.bodies(), ['a']);
  const image = killedDisk(lab.disk);
  await lab.close();
  const next = await TransactionLab.start({ fileSystem: image, settings: QUICK }, lab.time);
  const later = listener();
  await next.producer(later.handler);
  await next.time.advance(10_000);
  assert.equal(later.questions.length, 0);
});

test('what nobody decides is given up, and can be taken up again', async () => {
  const lab = await TransactionLab.start({ settings: QUICK });
  const { questions, handler } = listener();
  await lab.producer(handler);
  await lab.half('a');
  await until(lab, () => lab.stored(GIVEN_UP).length === 1);
  assert.equal(questions.length, 3);
  const [copy] = lab.stored(GIVEN_UP);
  assert.ok(copy);
  assert.equal(copy.properties.get('REAL_TOPIC'), 'T');
  const [last] = questions.slice(-1);
  assert.ok(last);
  assert.match((await lab.end(askedHalf(last), COMMIT)).remark ?? '', /given up before/);
  const resume = (physicalOffset: number): ReturnType<TransactionLab['ask']> => {
    const msgId = encodeOffsetMessageId(IDENTITY.storeHost, physicalOffset);
    return lab.ask(ResumeCheckHalfMessage.code, ResumeCheckHalfMessage.request.encode({ msgId }));
  };
  const ended = await resume(last.header.commitLogOffset);
  assert.equal(ended.code, ResponseCode.SystemError);
  assert.match(ended.remark ?? '', /resumed by the id of its message in TRANS_CHECK_MAX/);
  assert.equal((await resume(copy.physicalOffset)).code, 0);
  await until(lab, () => questions.length === 4);
  const [again] = questions.slice(-1);
  assert.ok(again);
  assert.equal((await lab.end(askedHalf(again), COMMIT)).code, 0);
  assert.deepEqual(lab.bodies(), ['a']);
});

test('a question that nobody can hear does not count', async () => {
  const lab = await TransactionLab.start({ settings: QUICK });
  await lab.half('a');
  await lab.time.advance(60_000);
  assert.equal(lab.stored(GIVEN_UP).length, 0);
  assert.equal(lab.stored(HALF).length, 1);
  const { questions, handler } = listener();
  await lab.producer(handler);
  await until(lab, () => questions.length === 1);
  assert.equal(questions[0]?.message.properties.get('TRANSACTION_CHECK_TIMES'), '1');
});

test('the members of a group are asked in turns', async () => {
  const lab = await TransactionLab.start({ settings: QUICK });
  const two = [listener(), listener()];
  for (const { handler } of two) await lab.producer(handler);
  const stranger = listener();
  await lab.producer(stranger.handler, 'Other');
  for (let number = 0; number < 10; number++) await lab.half(`m${number}`);
  await until(lab, () => two.every(({ questions }) => questions.length === 5));
  assert.equal(stranger.questions.length, 0);
});

test('a half that asks for peace is left in peace so long', async () => {
  const lab = await TransactionLab.start({ settings: QUICK });
  const { questions, handler } = listener();
  await lab.producer(handler);
  await lab.half('a', { CHECK_IMMUNITY_TIME_IN_SECONDS: '8' });
  await lab.half('b');
  await until(lab, () => questions.length === 1);
  await lab.time.advance(3000);
  assert.ok(questions.every(({ message }) => message.body.toString() === 'b'));
  await until(lab, () => questions.some(({ message }) => message.body.toString() === 'a'));
  assert.ok(lab.time.monotonicMs() >= 8000);
});

test('questions go on where they were after a restart', async () => {
  const lab = await TransactionLab.start({ settings: QUICK });
  const before = listener();
  await lab.producer(before.handler);
  await lab.half('a');
  await until(lab, () => before.questions.length === 2);
  const image = killedDisk(lab.disk);
  await lab.close();
  const next = await TransactionLab.start({ fileSystem: image, settings: QUICK }, lab.time);
  const after = listener();
  await next.producer(after.handler);
  await until(next, () => next.stored(GIVEN_UP).length === 1);
  assert.equal(after.questions.length, 1);
  assert.equal(after.questions[0]?.message.properties.get('TRANSACTION_CHECK_TIMES'), '3');
});
