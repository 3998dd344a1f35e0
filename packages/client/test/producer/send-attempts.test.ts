import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError, MqErrorCode, realScheduler, VirtualTime } from '@skylarkmq/base';
import { LatencyFault } from '../../src/producer/latency-fault.ts';
import {
  type ProducerOptions,
  resolveProducerOptions,
} from '../../src/producer/producer-options.ts';
import { SendAttempts } from '../../src/producer/send-attempts.ts';
import type { SendReceipt, SendStatus } from '../../src/producer/send-receipt.ts';

type Outcome = SendStatus | MqError;

function receipt(status: SendStatus): SendReceipt {
  return {
    status,
    messageId: 'm',
    offsetMessageId: 'o',
    queue: { topic: 'T', brokerName: 'b', queueId: 0 },
    queueOffset: 0,
    transactionId: undefined,
    regionId: 'r',
    traceOn: true,
  };
}

/** Sends that end, one after the other, as told; each takes a second. */
class Bench {
  readonly time = new VirtualTime(realScheduler);
  readonly faults = new LatencyFault(this.time);
  readonly brokers: (string | undefined)[] = [];
  readonly timeouts: number[] = [];

  run(outcomes: readonly Outcome[], options: Partial<ProducerOptions> = {}, attemptsMax = 3) {
    const left = [...outcomes];
    const resolved = resolveProducerOptions({ namesrv: 'a:1', ...options });
    return new SendAttempts(resolved, this.time, this.faults).run({
      topic: 'T',
      deadlineMs: this.time.monotonicMs() + 3_000,
      signal: undefined,
      attemptsMax,
      pick: (lastBroker) => {
        this.brokers.push(lastBroker);
        return { topic: 'T', brokerName: `b${this.brokers.length}`, queueId: 0 };
      },
      send: async (_queue, timeoutMs) => {
        this.timeouts.push(timeoutMs);
        await this.time.advance(1_000);
        const outcome = left.shift() ?? 'ok';
        if (outcome instanceof MqError) throw outcome;
        return [receipt(outcome)];
      },
    });
  }
}

function refused(responseCode: number): MqError {
  return new MqError(MqErrorCode.Response, 'no', { responseCode, retryable: true });
}

test('another attempt knows the broker that failed and has the time that is left', async () => {
  const bench = new Bench();
  const lost = new MqError(MqErrorCode.ConnectionClosed, 'gone', { retryable: true });
  const [one] = await bench.run([lost, refused(2), 'ok']);
  assert.equal(one?.status, 'ok');
  assert.deepEqual(bench.brokers, [undefined, 'b1', 'b2']);
  assert.deepEqual(bench.timeouts, [3_000, 2_000, 1_000]);
  assert.equal(bench.faults.isReachable('b1'), false);
  assert.equal(bench.faults.isReachable('b2'), true, 'it did answer');
  assert.equal(bench.faults.isAvailable('b2'), false);
});

test('the last error says how many attempts there were', async () => {
  const bench = new Bench();
  await assert.rejects(bench.run([refused(2), refused(2)], {}, 2), {
    code: 'RESPONSE',
    responseCode: 2,
    retryable: true,
    message: 'The send to T failed after 2 attempts: no',
  });
});

test('what another attempt cannot help ends at once', async () => {
  for (const error of [
    refused(13),
    new MqError(MqErrorCode.Aborted, 'x'),
    new MqError(MqErrorCode.InvalidArgument, 'x'),
  ]) {
    const bench = new Bench();
    await assert.rejects(bench.run([error]), error);
    assert.equal(bench.brokers.length, 1);
  }
});

test('the time for all attempts is limited', async () => {
  const bench = new Bench();
  await assert.rejects(bench.run(Array(9).fill(refused(2)), { retries: 9 }, 10), {
    code: 'TIMEOUT',
    retryable: true,
    message: 'The send to T did not end in time: no',
  });
  assert.equal(bench.brokers.length, 3);
});

test('an attempt that is not the last has a limit of its own', async () => {
  const bench = new Bench();
  await bench.run([refused(2)], { attemptTimeoutMs: 500 }, 2);
  assert.deepEqual(bench.timeouts, [500, 2_000]);
});

test('a message that is stored, but weakly, is tried again only on demand', async () => {
  const [kept] = await new Bench().run(['flush-disk-timeout']);
  assert.equal(kept?.status, 'flush-disk-timeout');
  const options = { retryWhenNotDurable: true };
  const [better] = await new Bench().run(['slave-not-available', 'ok'], options);
  assert.equal(better?.status, 'ok');
  const [atLeast] = await new Bench().run(['flush-slave-timeout', refused(2)], options, 2);
  assert.equal(atLeast?.status, 'flush-slave-timeout', 'it is stored, whatever came then');
});
