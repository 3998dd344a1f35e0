/** Back-off of groups, as Apache's classes compute it (checked against 5.5.0). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFastjson, stringifyJson } from '@skylarkmq/base';
import { DEFAULT_DELAY_LEVELS, parseDelayLevels } from '@skylarkmq/message';
import {
  decodeGroupRetryPolicy,
  type GroupRetryPolicy,
  groupRetryPolicyJson,
  nextRetryDelayMs,
  type SubscriptionGroup,
  subscriptionGroup,
} from '@skylarkmq/wire';
import { retryDelayMs, retryLevel } from '../../src/retry/retry-delay.ts';

const LEVELS_MS = parseDelayLevels(DEFAULT_DELAY_LEVELS);

function delays(policy: GroupRetryPolicy, count: number): number[] {
  return Array.from({ length: count }, (_, times) => nextRetryDelayMs(policy, times));
}

function groupWith(policy: string): SubscriptionGroup {
  return subscriptionGroup('G', { rest: new Map([['groupRetryPolicy', parseFastjson(policy)]]) });
}

test('the delays of each policy are those of Apache', () => {
  const exponential = decodeGroupRetryPolicy(parseFastjson('{"type":"EXPONENTIAL"}'));
  assert.deepEqual(delays(exponential, 6), [5000, 10_000, 20_000, 40_000, 80_000, 160_000]);
  assert.equal(nextRetryDelayMs(exponential, 60), 7_200_000);
  const customized = '{"type":"CUSTOMIZED","customizedRetryPolicy":{"next":[1000,2000,5000]}}';
  assert.deepEqual(
    delays(decodeGroupRetryPolicy(parseFastjson(customized)), 3),
    [5000, 5000, 5000],
  );
  const none = decodeGroupRetryPolicy(undefined);
  assert.deepEqual(delays(none, 4), [10_000, 30_000, 60_000, 120_000]);
  assert.equal(nextRetryDelayMs(none, 30), 7_200_000);
});

test('a policy is written as it was read', () => {
  for (const text of [
    '{"exponentialRetryPolicy":{"initial":1000,"max":60000,"multiplier":3},"type":"EXPONENTIAL"}',
    '{"customizedRetryPolicy":{"next":[1,2,3]},"type":"CUSTOMIZED"}',
    '{"type":"CUSTOMIZED"}',
  ]) {
    const written = stringifyJson(
      groupRetryPolicyJson(decodeGroupRetryPolicy(parseFastjson(text))),
    );
    assert.deepEqual(parseFastjson(written), parseFastjson(text));
  }
});

test('a policy that makes no sense is refused with what is wrong', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['{"type":"SOMETIMES"}', /neither EXPONENTIAL nor CUSTOMIZED/],
    ['{"type":"EXPONENTIAL","exponentialRetryPolicy":{"initial":0}}', /initial must be above 0/],
    ['{"type":"EXPONENTIAL","exponentialRetryPolicy":{"multiplier":0}}', /multiplier at least 1/],
    ['{"type":"CUSTOMIZED","customizedRetryPolicy":{"next":[-1]}}', /none below 0/],
    ['{"type":"CUSTOMIZED","customizedRetryPolicy":{"next":["x"]}}', /next must be a number/],
  ];
  for (const [text, reason] of wrong) {
    assert.throws(() => decodeGroupRetryPolicy(parseFastjson(text)), { message: reason });
  }
});

test('a policy becomes the first delay level that is long enough', () => {
  const exponential = groupWith('{"type":"EXPONENTIAL"}');
  const levels = [0, 1, 2, 3, 4, 5].map((times) => retryLevel(exponential, times, LEVELS_MS));
  // 5 s, 10 s, 20 s -> 30 s, 40 s -> 1 m, 80 s -> 2 m, 160 s -> 3 m
  assert.deepEqual(levels, [2, 3, 4, 5, 6, 7]);
  assert.equal(retryLevel(exponential, 40, LEVELS_MS), 18);
  assert.equal(retryLevel(subscriptionGroup('G'), 0, LEVELS_MS), 3);
  const long = groupWith('{"type":"EXPONENTIAL","exponentialRetryPolicy":{"max":9000000}}');
  assert.equal(retryLevel(long, 40, LEVELS_MS), 18);
});

test('a group whose file has a policy that is not understood waits as by default', () => {
  const broken = groupWith('{"type":"SOMETIMES"}');
  assert.equal(retryDelayMs(broken, 0), 10_000);
  assert.equal(retryLevel(broken, 0, LEVELS_MS), 3);
});
