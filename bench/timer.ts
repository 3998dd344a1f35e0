/**
 * Messages for a time at an even rate, by our own client, against any broker. How late each was
 * stored in its topic (Apache is exact to a second), and the broker's CPU time for one message from
 * its send to its delivery. Only those count that the broker had before they were due. Nobody
 * consumes while it is measured. Errors are messages that were early.
 * Apache must not refuse what waits: brokerFastFailureEnable=false.
 * tsx bench/timer.ts --ns ADDRESS --pid PID[,PID] [--rate 5000] [--warm S] [--dur S]
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Admin, Producer, PullConsumer } from '@skylarkmq/client';
import { makeTopic, percentile, printFigures, readTask } from './generator.ts';
import { cpuSeconds, loadAverage } from './processes.ts';

const task = readTask({ rate: 5000 });
const { namesrv } = task;
const PER_SECOND = task.number('rate');
const DELAY_MS_MIN = 2000;
const DELAY_MS_MAX = 6000;
const STEP_MS = 5;
const BODY = 'x'.repeat(1024);
/** After the last message is due. */
const PATIENCE_MS = 60_000;
const QUEUES = 4;
const US_PER_MS = 1000;

/** Sends at an even rate; how many messages per second that really were. */
async function send(
  producer: Producer,
  topic: string,
  seconds: number,
  accepted: Map<string, number>,
): Promise<number> {
  const began = performance.now();
  const sends: Promise<unknown>[] = [];
  const total = seconds * PER_SECOND;
  while (sends.length < total) {
    const wanted = Math.min(total, ((performance.now() - began) * PER_SECOND) / 1000);
    while (sends.length < wanted) {
      const delayMs = DELAY_MS_MIN + Math.floor(Math.random() * (DELAY_MS_MAX - DELAY_MS_MIN));
      const deliverAt = Date.now() + delayMs;
      const properties = { due: String(deliverAt) };
      const sent = producer.send({ topic, body: BODY, deliverAt, properties });
      sends.push(sent.then(({ messageId }) => accepted.set(messageId, Date.now())));
    }
    await delay(STEP_MS);
  }
  await Promise.all(sends);
  return (1000 * sends.length) / (performance.now() - began);
}

/** Waits until all are in their topic. */
async function delivered(consumer: PullConsumer, topic: string, total: number): Promise<void> {
  const untilMs = Date.now() + DELAY_MS_MAX + PATIENCE_MS;
  for (;;) {
    const queues = await consumer.queues(topic);
    const ends = await Promise.all(queues.map((queue) => admin.maxOffset(queue)));
    const count = ends.reduce((sum, end) => sum + end, 0);
    if (count >= total) return;
    if (Date.now() > untilMs) throw new Error(`Only ${count} of ${total} messages came`);
    await delay(200);
  }
}

/** How late the messages of a topic were, ascending; without those that were sent too late. */
async function lateness(
  consumer: PullConsumer,
  topic: string,
  accepted: ReadonlyMap<string, number>,
): Promise<number[]> {
  const late: number[] = [];
  let left = accepted.size;
  const queues = await consumer.queues(topic);
  await consumer.assign(queues);
  for (const queue of queues) await consumer.seekToBeginning(queue);
  while (left > 0) {
    for (const message of await consumer.poll({ timeoutMs: 1000, max: 1000 })) {
      left -= 1;
      const dueMs = Number(message.property('due'));
      const acceptedMs = accepted.get(message.messageId) ?? dueMs;
      if (acceptedMs < dueMs) late.push(message.storeTimestamp - dueMs);
    }
  }
  return late.sort((a, b) => a - b);
}

await using admin = new Admin({ namesrv });
await using producer = new Producer({ namesrv, sendTimeoutMs: 60_000 });
await using consumer = new PullConsumer({ namesrv, group: 'bench-timer' });
const warmTopic = await makeTopic(admin, 'timer-warm', QUEUES);
await send(producer, warmTopic, task.warmSeconds, new Map());
await delivered(consumer, warmTopic, task.warmSeconds * PER_SECOND);
const topic = await makeTopic(admin, 'timer', QUEUES);
const cpuBefore = cpuSeconds(task.pids);
const total = task.seconds * PER_SECOND;
const accepted = new Map<string, number>();
const sentPerSecond = await send(producer, topic, task.seconds, accepted);
await delivered(consumer, topic, total);
const cpu = cpuSeconds(task.pids) - cpuBefore;
const late = await lateness(consumer, topic, accepted);
const us = (share: number): number => US_PER_MS * percentile(late, share);
printFigures({
  ...{ mode: 'timer', msgs: late.length, rate: Math.round(sentPerSecond) },
  broker_cpu_us_msg: Math.round((cpu * 1e6) / total),
  ...{ p50us: us(0.5), p99us: us(0.99), p999us: us(0.999) },
  errors: late.filter((ms) => ms < 0).length,
  loadavg: loadAverage(),
});
