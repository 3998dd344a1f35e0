/**
 * Writes check points and acknowledgements as Apache does: as timer messages for the revive topic,
 * or straight into it when their time has come. What is written here is how a restart, or another
 * broker on the same files, knows what is in flight.
 */
import type { Clock } from '@skylarkmq/base';
import { encodeProperties, PropertyName, SystemTopic } from '@skylarkmq/message';
import type { MessageStore, QueueHandle } from '@skylarkmq/store';
import type { BrokerIdentity } from '../identity.ts';
import {
  ackKey,
  ackText,
  type CheckPoint,
  type CheckPointAck,
  checkPointKey,
  checkPointText,
  ReviveTag,
} from './check-point.ts';
import type { LogPlace } from './flight.ts';
import type { Appended, PopAppends } from './pop-appends.ts';

/** A check point is delivered so much before its time, its acknowledgements in time. */
// RocketMQ: PopAckConstants#ackTimeInterval
export const CHECK_POINT_LEAD_MS = 1000;
/** RocketMQ: MessageStoreConfig#timerPrecisionMs */
const TIMER_PRECISION_MS = 1000;

export interface ReviveLogDeps {
  readonly store: Pick<MessageStore, 'queue'>;
  readonly appends: PopAppends;
  readonly clock: Clock;
  readonly identity: Pick<BrokerIdentity, 'brokerClusterName' | 'brokerName'>;
}

export class ReviveLog {
  readonly #deps: ReviveLogDeps;
  readonly topic: string;
  readonly #wheel: QueueHandle;

  constructor(deps: ReviveLogDeps) {
    this.#deps = deps;
    this.topic = reviveTopic(deps.identity.brokerClusterName);
    this.#wheel = deps.store.queue(SystemTopic.Timer, 0);
  }

  /** Where the logs end now. */
  place(reviveQueueId: number): LogPlace {
    return {
      wheelOffset: this.#wheel.nextOffset,
      reviveOffset: this.#deps.store.queue(this.topic, reviveQueueId).nextOffset,
    };
  }

  checkPoint(point: CheckPoint, reviveQueueId: number): Appended {
    const deliverMs = point.popTime + point.invisibleTime - CHECK_POINT_LEAD_MS;
    const key = checkPointKey(point);
    return this.#put(ReviveTag.CheckPoint, checkPointText(point), key, deliverMs, reviveQueueId);
  }

  /** Acknowledges messages of a check point that is due at `dueMs`. */
  ack(ack: CheckPointAck, dueMs: number, reviveQueueId: number): Appended {
    const tag = ack.offsets.length === 1 ? ReviveTag.Ack : ReviveTag.BatchAck;
    return this.#put(tag, ackText(ack), ackKey(ack), dueMs, reviveQueueId);
  }

  /** A record of our own, which Apache's broker passes over. */
  note(tag: string, text: string, key: string, reviveQueueId: number): Appended {
    return this.#put(tag, text, key, 0, reviveQueueId);
  }

  #put(tag: string, text: string, key: string, deliverMs: number, reviveQueueId: number): Appended {
    const { appends, clock } = this.#deps;
    const body = Buffer.from(text, 'utf8');
    const isTimer = deliverMs > clock.nowMs();
    const properties = encodeProperties(
      isTimer
        ? timerProperties(this.topic, reviveQueueId, tag, key, deliverMs)
        : plainProperties(tag, key, deliverMs),
    );
    const place = isTimer
      ? { topic: SystemTopic.Timer, queueId: 0 }
      : { topic: this.topic, queueId: reviveQueueId };
    return appends.append({ ...place, body, properties });
  }
}

function reviveTopic(clusterName: string): string {
  return SystemTopic.ReviveLogPrefix + clusterName;
}

/** In the order of Apache's map. RocketMQ: HookUtils#transformTimerMessage */
function timerProperties(
  topic: string,
  queueId: number,
  tag: string,
  key: string,
  deliverMs: number,
): (readonly [string, string])[] {
  const isExact = deliverMs % TIMER_PRECISION_MS === 0;
  const slotMs = Math.floor(deliverMs / TIMER_PRECISION_MS) * TIMER_PRECISION_MS;
  const outMs = isExact ? slotMs - TIMER_PRECISION_MS : slotMs;
  return [
    [PropertyName.RealTopic, topic],
    [PropertyName.TimerDeliverMs, String(deliverMs)],
    [PropertyName.UniqueKey, key],
    [PropertyName.Tags, tag],
    [PropertyName.TimerOutMs, String(outMs)],
    [PropertyName.RealQueueId, String(queueId)],
  ];
}

function plainProperties(
  tag: string,
  key: string,
  deliverMs: number,
): (readonly [string, string])[] {
  const unique = [PropertyName.UniqueKey, key] as const;
  const tags = [PropertyName.Tags, tag] as const;
  if (deliverMs === 0) return [unique, tags];
  return [[PropertyName.TimerDeliverMs, String(deliverMs)], unique, tags];
}
