/**
 * What the broker counts: per topic, queue and group, and altogether. Handles are cheap to count
 * with and are kept by whoever counts; removing a topic or a group frees them.
 */
import type { Clock, Scheduler, Timer } from '@skylarkmq/base';
import { isSystemTopic } from '@skylarkmq/message';
import type { MessageStore } from '@skylarkmq/store';
import type { BrokerSettings } from '../settings.ts';
import { DailyTotals, type Totals, untilMidnightMs } from './daily-totals.ts';
import { LATENCY_PERIOD_MS, PutLatency } from './put-latency.ts';
import { GroupTraffic, TopicTraffic, type TrafficContext } from './topic-traffic.ts';
import { SAMPLE_PERIOD_MS, type StatsView, TrafficCounter } from './traffic-counter.ts';
import { javaDouble, RATE_PERIOD_MS, RateCounter, rateText } from './transfer-rates.ts';

export interface BrokerStatsDeps {
  readonly store: Pick<MessageStore, 'onArrival'>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly clusterName: string;
  settings(): Pick<BrokerSettings, 'enableDetailStat'>;
}

/** Counters of one topic; keep the handle. */
export interface TopicStats {
  /** Counts an accepted send (one call) of `messages` with `bytes` in the log. */
  put(queueId: number, messages: number, bytes: number): void;
}

/** Counters of one group at one topic; keep the handle. */
export interface GroupStats {
  /** Counts a pull that found `messages` with `bytes`. */
  get(queueId: number, messages: number, bytes: number): void;
  /** Counts a message that the group sent back. */
  sendBack(): void;
  /** Counts a message that went to the group's dead letters. */
  deadLetter(): void;
}

export class BrokerStats {
  readonly latency: PutLatency = new PutLatency();
  readonly #deps: BrokerStatsDeps;
  readonly #context: TrafficContext;
  readonly #topics = new Map<string, TopicTraffic>();
  readonly #puts = new RateCounter();
  readonly #found = new RateCounter();
  readonly #missed = new RateCounter();
  readonly #transferred = new RateCounter();
  readonly #days = new DailyTotals();
  #sampling: IterableIterator<TopicTraffic> = this.#topics.values();
  #roundStartMs = Number.NEGATIVE_INFINITY;
  #putBytes = 0;
  #putFailures = 0;
  #timers: Timer[] = [];
  #midnight: Timer | undefined;
  #stopListening: (() => void) | undefined;

  constructor(deps: BrokerStatsDeps) {
    this.#deps = deps;
    const nowMs = (): number => deps.clock.monotonicMs();
    const counter = (): TrafficCounter => new TrafficCounter(nowMs());
    this.#context = {
      broker: {
        put: counter(),
        get: counter(),
        putWithoutSystem: counter(),
        getWithoutSystem: counter(),
      },
      nowMs,
      detailed: () => deps.settings().enableDetailStat,
      found: (messages) => {
        this.#found.total += 1;
        this.#transferred.total += messages;
      },
    };
  }

  /** Begins to count arrivals and to take samples. */
  start(): void {
    const { store, scheduler } = this.#deps;
    this.#stopListening = store.onArrival((_queue, _max, _tags, _time, _offset, bytes) => {
      this.#puts.total += 1;
      this.#putBytes += bytes;
    });
    this.#timers = [
      scheduler.every(RATE_PERIOD_MS, () => {
        this.#sampleRates();
        this.#sampleSomeTopics();
      }),
      scheduler.every(SAMPLE_PERIOD_MS, () => this.#sampleBroker()),
      scheduler.every(LATENCY_PERIOD_MS, () => this.latency.turn()),
    ];
    this.#awaitMidnight();
  }

  close(): void {
    this.#stopListening?.();
    for (const timer of this.#timers) timer.cancel();
    this.#midnight?.cancel();
  }

  topic(topic: string): TopicStats {
    return this.#topic(topic);
  }

  group(topic: string, group: string): GroupStats {
    const traffic = this.#topic(topic);
    let one = traffic.groups.get(group);
    if (one === undefined) {
      one = new GroupTraffic(this.#context, traffic.isSystem);
      traffic.groups.set(group, one);
    }
    return one;
  }

  /** Counts a pull that found nothing. */
  missed(): void {
    this.#missed.total += 1;
  }

  /** Counts a send that was refused or failed. */
  putFailed(): void {
    this.#putFailures += 1;
  }

  /** RocketMQ's names and keys; undefined when there is nothing under them. */
  view(name: string, key: string): StatsView | undefined {
    const now = this.#context.nowMs();
    const what = name.endsWith('_SIZE') ? 'bytes' : 'messages';
    return this.#counter(name, key)?.view(what, now);
  }

  /** Figures of GET_BROKER_RUNTIME_INFO. RocketMQ: StoreStatsService#getRuntimeInfo */
  runtimeInfo(): Map<string, string> {
    const totals = this.#totals();
    const { latency } = this;
    const { todayMorning, yesterdayMorning } = this.#days;
    const average = totals.put === 0 ? 0 : this.#putBytes / totals.put;
    return new Map([
      ['msgPutTotalYesterdayMorning', String(yesterdayMorning.put)],
      ['msgPutTotalTodayMorning', String(todayMorning.put)],
      ['msgPutTotalTodayNow', String(totals.put)],
      ['msgGetTotalYesterdayMorning', String(yesterdayMorning.get)],
      ['msgGetTotalTodayMorning', String(todayMorning.get)],
      ['msgGetTotalTodayNow', String(totals.get)],
      ['putMessageEntireTimeMax', String(latency.maxMs)],
      ['putMessageTimesTotal', String(totals.put)],
      ['putMessageFailedTimes', String(this.#putFailures)],
      ['putMessageSizeTotal', String(this.#putBytes)],
      ['putMessageDistributeTime', latency.distribution()],
      ['putMessageAverageSize', javaDouble(average)],
      ['putTps', rateText(this.#puts)],
      ['getFoundTps', rateText(this.#found)],
      ['getMissTps', rateText(this.#missed)],
      ['getTotalTps', rateText(this.#found, this.#missed)],
      ['getTransferredTps', rateText(this.#transferred)],
      ['putLatency99', latency.percentileMs(0.99).toFixed(2)],
      ['putLatency999', latency.percentileMs(0.999).toFixed(2)],
    ]);
  }

  removeTopic(topic: string): void {
    this.#topics.delete(topic);
  }

  removeGroup(group: string): void {
    for (const topic of this.#topics.values()) topic.groups.delete(group);
  }

  #topic(topic: string): TopicTraffic {
    let one = this.#topics.get(topic);
    if (one === undefined) {
      one = new TopicTraffic(this.#context, isSystemTopic(topic));
      this.#topics.set(topic, one);
    }
    return one;
  }

  #counter(name: string, key: string): TrafficCounter | undefined {
    const parts = key.split('@');
    const [topic = '', second = '', third = ''] = parts;
    const traffic = this.#topics.get(topic);
    switch (name) {
      case 'TOPIC_PUT_NUMS':
      case 'TOPIC_PUT_SIZE':
        return traffic?.total;
      case 'QUEUE_PUT_NUMS':
      case 'QUEUE_PUT_SIZE':
        return traffic?.queues.get(Number(second));
      case 'GROUP_GET_NUMS':
      case 'GROUP_GET_SIZE':
        return traffic?.groups.get(second)?.total;
      case 'QUEUE_GET_NUMS':
      case 'QUEUE_GET_SIZE':
        return traffic?.groups.get(third)?.queues.get(Number(second));
      case 'SNDBCK_PUT_NUMS':
        return traffic?.groups.get(second)?.sentBack;
      case 'DLQ_PUT_NUMS':
        return traffic?.groups.get(second)?.dead;
      default:
        return key === this.#deps.clusterName ? this.#brokerCounter(name) : undefined;
    }
  }

  #brokerCounter(name: string): TrafficCounter | undefined {
    const { broker } = this.#context;
    switch (name) {
      case 'BROKER_PUT_NUMS':
        return broker.put;
      case 'BROKER_GET_NUMS':
        return broker.get;
      case 'BROKER_PUT_NUMS_WITHOUT_SYSTEM_TOPIC':
        return broker.putWithoutSystem;
      case 'BROKER_GET_NUMS_WITHOUT_SYSTEM_TOPIC':
        return broker.getWithoutSystem;
      default:
        return undefined;
    }
  }

  #totals(): Totals {
    return { put: this.#puts.total, get: this.#transferred.total };
  }

  #sampleRates(): void {
    this.#puts.sample();
    this.#found.sample();
    this.#missed.sample();
    this.#transferred.sample();
  }

  /** A part of the topics each second, so that many topics are no pause. */
  #sampleSomeTopics(): void {
    const now = this.#context.nowMs();
    let left = Math.ceil((this.#topics.size * RATE_PERIOD_MS) / SAMPLE_PERIOD_MS);
    for (; left > 0; left--) {
      let next = this.#sampling.next();
      if (next.done) {
        // Those that were sampled less than a period ago can wait for the next second.
        if (now - this.#roundStartMs < SAMPLE_PERIOD_MS) return;
        this.#roundStartMs = now;
        this.#sampling = this.#topics.values();
        next = this.#sampling.next();
        if (next.done) return;
      }
      next.value.sample(now);
    }
  }

  #sampleBroker(): void {
    const now = this.#context.nowMs();
    const { broker } = this.#context;
    broker.put.sample(now);
    broker.get.sample(now);
    broker.putWithoutSystem.sample(now);
    broker.getWithoutSystem.sample(now);
  }

  #awaitMidnight(): void {
    const { clock, scheduler } = this.#deps;
    this.#midnight = scheduler.after(untilMidnightMs(clock.nowMs()), () => {
      this.#days.turn(this.#totals());
      this.#awaitMidnight();
    });
  }
}
