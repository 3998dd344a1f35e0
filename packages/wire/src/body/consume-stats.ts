import type { JsonInputObject } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { javaBody } from './json-body.ts';
import { messageQueueJson } from './message-queue.ts';

/** How far a group is in a queue. */
export interface QueueProgress {
  readonly queue: MessageQueue;
  /** The offset that the next message will get. */
  readonly brokerOffset: number;
  /** Committed by the group. */
  readonly consumerOffset: number;
  /** Up to where the group pulled; never below `consumerOffset`. */
  readonly pullOffset: number;
  /** When the last consumed message was stored, milliseconds; 0 when that is not known. */
  readonly lastTimestamp: number;
}

/** How far a group is, and how fast, in messages a second. */
export interface ConsumeStats {
  readonly queues: readonly QueueProgress[];
  readonly consumeTps: number;
}

/** The progress of all groups of a broker. */
export interface BrokerConsumeStats {
  /** "ip:port". */
  readonly brokerAddr: string;
  /** Group to one entry per topic. */
  readonly groups: ReadonlyMap<string, readonly ConsumeStats[]>;
  /** Messages behind, over all. */
  readonly totalDiff: number;
  /** Messages pulled but not committed, over all. */
  readonly totalInflightDiff: number;
}

/** Body of GET_CONSUME_STATS. */
export function encodeConsumeStats(stats: ConsumeStats): Buffer {
  return javaBody(consumeStatsJson(stats));
}

/** Body of GET_BROKER_CONSUME_STATS. */
export function encodeBrokerConsumeStats(stats: BrokerConsumeStats): Buffer {
  const list = [...stats.groups].map(
    ([group, topics]) => new Map([[group, topics.map(consumeStatsJson)]]),
  );
  return javaBody({
    brokerAddr: stats.brokerAddr,
    consumeStatsList: list,
    totalDiff: stats.totalDiff,
    totalInflightDiff: stats.totalInflightDiff,
  });
}

function consumeStatsJson({ queues, consumeTps }: ConsumeStats): JsonInputObject {
  const table = queues.map(({ queue, ...rest }) => [messageQueueJson(queue), rest] as const);
  return { consumeTps, offsetTable: new Map(table) };
}
