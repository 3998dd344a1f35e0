/** Questions of brokers: so many at a time, so many waiting, and what is answered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@skylarkmq/base';
import type { StoredMessage } from '@skylarkmq/message';
import type { EndTransactionRequest } from '@skylarkmq/wire';
import { ReceivedMessage } from '../../src/consumer/received-message.ts';
import {
  TransactionChecks,
  type TransactionQuestion,
} from '../../src/transaction/transaction-checks.ts';
import type {
  TransactionCheck,
  TransactionOutcome,
} from '../../src/transaction/transaction-options.ts';
import { until } from '../fake/scripted-server.ts';

function question(number: number): TransactionQuestion {
  const stored: StoredMessage = {
    ...{ topic: 'T', queueId: 0, queueOffset: number, physicalOffset: number, flag: 0, sysFlag: 0 },
    ...{ bornTimestamp: 0, bornHost: '127.0.0.1:1', storeTimestamp: 0, storeHost: '127.0.0.1:2' },
    ...{ reconsumeTimes: 0, preparedTransactionOffset: 0, bodyCrc: 0, storeSize: 0 },
    body: Buffer.from(`m${number}`),
    properties: new Map([['UNIQ_KEY', `K${number}`]]),
    offsetMessageId: '',
  };
  const queue = { topic: 'T', brokerName: 'b', queueId: 0 };
  return {
    message: new ReceivedMessage(stored, queue, 0, 'T', []),
    address: 'here',
    answer: {
      producerGroup: 'G',
      tranStateTableOffset: number,
      commitLogOffset: number,
      fromTransactionCheck: true,
      msgId: `K${number}`,
    },
  };
}

function checks(
  check: TransactionCheck,
  limits = { checkConcurrency: 2, checkQueueMax: 3 },
): {
  readonly asked: TransactionChecks;
  readonly replies: EndTransactionRequest[];
  readonly outcomes: TransactionOutcome[];
} {
  const replies: EndTransactionRequest[] = [];
  const outcomes: TransactionOutcome[] = [];
  const asked = new TransactionChecks({
    ...limits,
    check,
    logger: silentLogger,
    reply: async (_address, request) => {
      replies.push(request);
    },
    checked: (_question, outcome) => outcomes.push(outcome),
  });
  return { asked, replies, outcomes };
}

test('no more run at a time than may, and no more wait', async () => {
  let running = 0;
  let most = 0;
  const free: (() => void)[] = [];
  const { asked, replies } = checks(async (): Promise<TransactionOutcome> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => free.push(resolve));
    running -= 1;
    return 'commit';
  });
  for (let number = 0; number < 8; number++) asked.ask(question(number));
  while (replies.length < 5) {
    for (const resolve of free.splice(0)) resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await asked.close();
  assert.equal(most, 2);
  assert.deepEqual(
    replies.map((one) => [one.tranStateTableOffset, one.commitOrRollback]),
    [0, 1, 2, 3, 4].map((number) => [number, 8]),
  );
});

test('an unknown outcome, a wrong one and an error are no answer', async () => {
  const results: unknown[] = ['unknown', 'maybe', new Error('later'), 'rollback'];
  const { asked, replies, outcomes } = checks(async () => {
    const result = results.shift();
    if (result instanceof Error) throw result;
    return result === 'rollback' ? 'rollback' : 'unknown';
  });
  for (let number = 0; number < 4; number++) asked.ask(question(number));
  await until('the answer', () => replies.length === 1);
  assert.equal(replies[0]?.commitOrRollback, 12);
  assert.deepEqual(outcomes, ['unknown', 'unknown', 'rollback']);
  await asked.close();
});

test('close tells the checks, waits for them, and takes no more', async () => {
  let isAborted = false;
  const { asked, replies } = checks(async (_message, signal): Promise<TransactionOutcome> => {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    isAborted = true;
    return 'commit';
  });
  for (let number = 0; number < 4; number++) asked.ask(question(number));
  await asked.close();
  assert.equal(isAborted, true);
  assert.equal(replies.length, 2);
  asked.ask(question(9));
  assert.equal(replies.length, 2);
});
