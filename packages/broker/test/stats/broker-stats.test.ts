import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, VirtualTime } from '@skylarkmq/base';
import type { ArrivalListener, QueueHandle } from '@skylarkmq/store';
import { BrokerStats } from '../../src/stats/broker-stats.ts';

const QUEUE: QueueHandle = { topic: 'T', queueId: 0, minOffset: 0, maxOffset: 0, nextOffset: 0 };

function started(detailed = true): {
  time: VirtualTime;
  stats: BrokerStats;
  arrive: (bytes: number) => void;
} {
  // Noon, so that a day of samples has one midnight at a known distance.
  const time = new VirtualTime(realScheduler, new Date(2026, 0, 1, 12).getTime());
  const listeners = new Set<ArrivalListener>();
  const stats = new BrokerStats({
    store: {
      onArrival(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    clock: time,
    scheduler: time,
    clusterName: 'C',
    settings: () => ({ enableDetailStat: detailed }),
  });
  stats.start();
  const arrive = (bytes: number): void => {
    for (const listener of listeners) listener(QUEUE, 1, 0, 0, 0, bytes);
  };
  return { time, stats, arrive };
}

test('a window sees what happened within it, and no more', async () => {
  const { time, stats } = started();
  const topic = stats.topic('T');
  topic.put(1, 32, 3200);
  topic.put(1, 28, 2800);
  let view = stats.view('TOPIC_PUT_NUMS', 'T');
  assert.deepEqual(view?.statsMinute, { sum: 60, tps: 6, avgpt: 30 });
  await time.advance(30_000);
  view = stats.view('TOPIC_PUT_NUMS', 'T');
  assert.deepEqual(view?.statsMinute, { sum: 60, tps: 2, avgpt: 30 });
  assert.equal(stats.view('TOPIC_PUT_SIZE', 'T')?.statsMinute.sum, 6000);
  await time.advance(50_000);
  view = stats.view('TOPIC_PUT_NUMS', 'T');
  assert.deepEqual(view?.statsMinute, { sum: 0, tps: 0, avgpt: 0 });
  assert.equal(view?.statsHour.sum, 60);
  assert.equal(view?.statsDay.sum, 60);
  await time.advance(2 * 3_600_000);
  topic.put(1, 5, 500);
  view = stats.view('TOPIC_PUT_NUMS', 'T');
  assert.equal(view?.statsMinute.sum, 5);
  assert.equal(view?.statsHour.sum, 5);
  assert.equal(view?.statsDay.sum, 65);
  await time.advance(25 * 3_600_000);
  assert.equal(stats.view('TOPIC_PUT_NUMS', 'T')?.statsDay.sum, 0);
  stats.close();
});

test('each name has its own key, and counts once', () => {
  const { stats } = started();
  stats.topic('T').put(2, 3, 300);
  stats.topic('TBW102').put(0, 1, 10);
  const group = stats.group('T', 'G');
  group.get(2, 7, 700);
  group.sendBack();
  group.deadLetter();
  group.deadLetter();
  const sum = (name: string, key: string): number | undefined =>
    stats.view(name, key)?.statsMinute.sum;
  assert.equal(sum('TOPIC_PUT_NUMS', 'T'), 3);
  assert.equal(sum('QUEUE_PUT_NUMS', 'T@2'), 3);
  assert.equal(sum('QUEUE_PUT_SIZE', 'T@2'), 300);
  assert.equal(sum('QUEUE_PUT_NUMS', 'T@1'), undefined);
  assert.equal(sum('GROUP_GET_NUMS', 'T@G'), 7);
  assert.equal(sum('GROUP_GET_SIZE', 'T@G'), 700);
  assert.equal(sum('QUEUE_GET_NUMS', 'T@2@G'), 7);
  assert.equal(sum('SNDBCK_PUT_NUMS', 'T@G'), 1);
  assert.equal(sum('DLQ_PUT_NUMS', 'T@G'), 2);
  assert.equal(sum('BROKER_PUT_NUMS', 'C'), 4);
  assert.equal(sum('BROKER_PUT_NUMS_WITHOUT_SYSTEM_TOPIC', 'C'), 3);
  assert.equal(sum('BROKER_GET_NUMS', 'C'), 7);
  assert.equal(sum('BROKER_GET_NUMS', 'other'), undefined);
  assert.equal(sum('NO_SUCH', 'T'), undefined);
  stats.removeGroup('G');
  assert.equal(sum('GROUP_GET_NUMS', 'T@G'), undefined);
  stats.removeTopic('T');
  assert.equal(sum('TOPIC_PUT_NUMS', 'T'), undefined);
});

test('queues are not counted one by one when that is off', () => {
  const { stats } = started(false);
  stats.topic('T').put(0, 1, 1);
  assert.equal(stats.view('QUEUE_PUT_NUMS', 'T@0'), undefined);
  assert.equal(stats.view('TOPIC_PUT_NUMS', 'T')?.statsMinute.sum, 1);
});

test('runtime info: rates, totals over midnight, latency', async () => {
  const { time, stats, arrive } = started();
  const info = (name: string): string | undefined => stats.runtimeInfo().get(name);
  assert.equal(info('putTps'), '0.0 0.0 0.0');
  for (let second = 0; second < 20; second++) {
    for (let i = 0; i < 5; i++) arrive(100);
    stats.group('T', 'G').get(0, 8, 80);
    stats.missed();
    await time.advance(1000);
  }
  assert.equal(info('putTps'), '5.0 5.0 5.0');
  assert.equal(info('getFoundTps'), '1.0 1.0 1.0');
  assert.equal(info('getMissTps'), '1.0 1.0 1.0');
  assert.equal(info('getTotalTps'), '2.0 2.0 2.0');
  assert.equal(info('getTransferredTps'), '8.0 8.0 8.0');
  assert.equal(info('putMessageAverageSize'), '100.0');
  assert.equal(info('msgPutTotalTodayNow'), '100');
  assert.equal(info('msgPutTotalTodayMorning'), '0');
  await time.advance(12 * 3_600_000);
  assert.equal(info('putTps'), '0.0 0.0 0.0');
  assert.equal(info('msgPutTotalTodayMorning'), '100');
  assert.equal(info('msgGetTotalTodayMorning'), '160');
  arrive(100);
  await time.advance(24 * 3_600_000);
  assert.equal(info('msgPutTotalYesterdayMorning'), '100');
  assert.equal(info('msgPutTotalTodayMorning'), '101');
  for (let i = 0; i < 999; i++) stats.latency.note(1);
  stats.latency.note(700);
  assert.equal(info('putLatency99'), '1.00');
  assert.equal(info('putMessageEntireTimeMax'), '700');
  assert.match(info('putMessageDistributeTime') ?? '', /\[0~10ms\]:999 .*\[500ms~1s\]:1 /);
  stats.close();
  arrive(100);
  assert.equal(info('msgPutTotalTodayNow'), '101');
});
