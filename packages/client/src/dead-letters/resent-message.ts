/** A dead letter as it is sent again: what the platform noted on it goes, what users gave stays. */
import {
  encodePropertyText,
  type MessageQueue,
  PropertyName,
  retryTopic,
  SystemFlag,
} from '@skylarkmq/message';
import type { SendArguments } from '../api/send-message.ts';
import { isReservedProperty } from '../producer/reserved-property.ts';
import type { DeadLetter } from './dead-letter.ts';

/** What is to be different in a message that is sent again. Absent: as it was. */
export interface DeadLetterEdit {
  readonly body?: string | Uint8Array;
  readonly tags?: string;
  readonly keys?: readonly string[];
  /** Sets these properties; undefined removes one. */
  readonly properties?: Readonly<Record<string, string | undefined>>;
}

/** Property of a message that was a dead letter: where that lies. */
const RESENT_FROM_PROPERTY = 'DLQ_RESENT_FROM';

const KEPT: ReadonlySet<string> = new Set<string>([PropertyName.Keys, PropertyName.Tags]);
const OURS_PREFIX = 'DLQ_';
const COMPRESSION = SystemFlag.Compressed | SystemFlag.CompressionMask;
/** Not reserved for users' messages, and yet the platform's own. */
const STAMPS: ReadonlySet<string> = new Set<string>([
  PropertyName.TransactionId,
  PropertyName.TransactionCheckTimes,
  PropertyName.CheckImmunityTime,
  PropertyName.LiteTopic,
  PropertyName.InnerMultiDispatch,
  PropertyName.InnerMultiQueueOffset,
  PropertyName.InnerBase,
]);

/** What a resend is made of. */
export interface ResendPlan {
  /** The group as brokers know it. */
  readonly group: string;
  readonly producerGroup: string;
  readonly to: 'original' | 'retry';
  readonly originTopic: string;
  readonly messageId: string;
  readonly nowMs: number;
}

/** The message to send. */
export function resentMessage(
  letter: DeadLetter,
  edit: DeadLetterEdit,
  plan: ResendPlan,
): SendArguments {
  const { stored } = letter;
  const properties = userProperties(letter);
  if (edit.tags !== undefined) properties.set(PropertyName.Tags, edit.tags);
  if (edit.keys !== undefined) properties.set(PropertyName.Keys, edit.keys.join(' '));
  for (const [name, value] of Object.entries(edit.properties ?? {})) {
    if (value === undefined) properties.delete(name);
    else properties.set(name, value);
  }
  const { topic, brokerName, queueId } = letter.queue;
  const place = `${topic}@${brokerName}@${queueId}@${letter.queueOffset}`;
  properties.set(RESENT_FROM_PROPERTY, place);
  properties.set(PropertyName.UniqueKey, plan.messageId);
  properties.set(PropertyName.Wait, 'true');
  if (plan.to === 'original' && letter.liteTopic !== undefined) {
    properties.set(PropertyName.LiteTopic, letter.liteTopic);
  }
  if (plan.to === 'retry') {
    properties.set(PropertyName.RetryTopic, plan.originTopic);
    const origin = letter.originMessageId ?? letter.offsetMessageId;
    properties.set(PropertyName.OriginMessageId, origin);
  }
  const body = edit.body === undefined ? stored.body : Buffer.from(edit.body);
  return {
    group: plan.producerGroup,
    topic: plan.to === 'retry' ? retryTopic(plan.group) : plan.originTopic,
    sysFlag: edit.body === undefined ? stored.sysFlag & COMPRESSION : 0,
    bornTimestamp: plan.nowMs,
    flag: stored.flag,
    properties: encodePropertyText(properties),
    batch: false,
    body,
    messageIds: [plan.messageId],
  };
}

/** The queue for a message: by its sharding key, else in turns. */
export function queueFor(
  letter: DeadLetter,
  queues: readonly MessageQueue[],
  byHash: (shardingKey: string, count: number) => number,
  turn: number,
): MessageQueue | undefined {
  const { shardingKey } = letter;
  const index = shardingKey === undefined ? turn : byHash(shardingKey, queues.length);
  return queues[index % Math.max(1, queues.length)];
}

function userProperties(letter: DeadLetter): Map<string, string> {
  return new Map(
    [...letter.properties].filter(([name]) => {
      if (KEPT.has(name)) return true;
      return !isReservedProperty(name) && !name.startsWith(OURS_PREFIX) && !STAMPS.has(name);
    }),
  );
}
