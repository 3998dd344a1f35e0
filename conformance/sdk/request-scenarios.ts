import assert from 'node:assert/strict';
import { MqError, Producer, PushConsumer } from '@skylarkmq/client';
import { makeTopic, range, type Scenario, type Target, unique, until } from './scenario.ts';

const TIMEOUT_MS = 60_000;
/** Of what nobody answers: long enough for the request to be stored. */
const IN_VAIN_MS = 5_000;

/** A consumer that replies to everything that comes while `work` runs. */
async function withReplier(
  target: Target,
  topic: string,
  work: (producer: Producer) => Promise<void>,
): Promise<void> {
  await using replier = new Producer({ ...target, group: unique('replier') });
  await using consumer = new PushConsumer({
    ...target,
    group: unique('reply'),
    subscriptions: topic,
    consumeFrom: 'first',
  });
  const running = consumer.run(
    replier.replying((message) => ({
      body: `answer to ${message.text()}`,
      tags: 'Answer',
      properties: { colour: 'blau' },
    })),
  );
  await using requester = new Producer({ ...target, group: unique('requester') });
  await work(requester);
  await consumer.close();
  await running;
}

async function requestReply(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'request');
  await withReplier(target, topic, async (producer) => {
    const reply = await producer.request({ topic, body: 'q' }, { timeoutMs: TIMEOUT_MS });
    assert.equal(reply.text(), 'answer to q');
    assert.equal(reply.tags, 'Answer');
    assert.equal(reply.property('colour'), 'blau');
    assert.match(reply.correlationId, /^[0-9A-F]{32}$/);
    const replies = await Promise.all(
      range(200).map((index) =>
        producer.request({ topic, body: `q${index}` }, { timeoutMs: TIMEOUT_MS }),
      ),
    );
    for (const [index, one] of replies.entries()) assert.equal(one.text(), `answer to q${index}`);
    // Letters compress: the request and the reply go over the wire in their short form.
    const long = 'abcdefgh'.repeat(40_000);
    const answer = await producer.request({ topic, body: long }, { timeoutMs: TIMEOUT_MS });
    assert.equal(answer.text(), `answer to ${long}`);
  });
}

async function requestTimeout(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'nobody');
  await using producer = new Producer(target);
  await assert.rejects(
    producer.request({ topic, body: 'anybody?' }, { timeoutMs: IN_VAIN_MS }),
    (error) => {
      assert.ok(error instanceof MqError);
      assert.equal(error.code, 'TIMEOUT');
      assert.equal(error.retryable, true);
      assert.match(error.message, /No reply to the request to nobody/);
      return true;
    },
  );
  const stop = new AbortController();
  const asked = producer.request({ topic, body: 'anybody?' }, { signal: stop.signal });
  stop.abort();
  await assert.rejects(asked, { code: 'ABORTED' });
}

async function replyToNobody(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'gone');
  await using replier = new Producer({ ...target, group: unique('replier') });
  await using consumer = new PushConsumer({
    ...target,
    group: unique('reply'),
    subscriptions: topic,
    consumeFrom: 'first',
  });
  const requester = new Producer({
    ...target,
    group: unique('requester'),
    instanceName: unique('i'),
  });
  await requester.send({ topic, body: 'no request' });
  await assert.rejects(requester.request({ topic, body: 'q' }, { timeoutMs: IN_VAIN_MS }), {
    code: 'TIMEOUT',
  });
  await requester.close();
  const errors = new Map<string, unknown>();
  const running = consumer.run(async (message) => {
    try {
      await replier.reply(message, 'too late', { timeoutMs: TIMEOUT_MS });
    } catch (error) {
      errors.set(message.text(), error);
    }
  });
  await until('both refusals', () => errors.size === 2);
  await consumer.close();
  await running;
  const none = errors.get('no request');
  assert.ok(none instanceof MqError);
  assert.equal(none.code, 'INVALID_ARGUMENT');
  assert.match(none.message, /is no request, it has no property/);
  const gone = errors.get('q');
  assert.ok(gone instanceof MqError);
  assert.equal(gone.code, 'RESPONSE');
  assert.equal(gone.retryable, false);
  assert.match(gone.message, /did not get the reply, it has left or does not answer/);
}

/** Asking, replying, and what goes wrong with both. */
export const requestScenarios: readonly Scenario[] = [
  { name: 'a request gets the reply of its consumer', run: requestReply },
  { name: 'a request without a reply ends in time', run: requestTimeout },
  { name: 'a reply that nobody waits for says so', run: replyToNobody },
];
