import { createHash } from 'node:crypto';
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import {
  type AllocationContext,
  type AllocationStrategy,
  memberIndex,
} from './allocation-strategy.ts';

const VIRTUAL_NODES_DEFAULT = 10;
const VIRTUAL_NODES_MAX = 1000;

/** Options of {@link consistentHash}. */
export interface ConsistentHashOptions {
  /** Points on the ring per member, 1 to 1000. All members must use the same. Default 10. */
  readonly virtualNodes?: number;
}

/**
 * A hash ring: when a member comes or goes only its neighbours' queues move, at the price of
 * uneven shares.
 */
// RocketMQ: AllocateMessageQueueConsistentHash#allocate, ConsistentHashRouter
export function consistentHash(options: ConsistentHashOptions = {}): AllocationStrategy {
  const virtualNodes = options.virtualNodes ?? VIRTUAL_NODES_DEFAULT;
  if (!Number.isInteger(virtualNodes) || virtualNodes < 1 || virtualNodes > VIRTUAL_NODES_MAX) {
    throw new MqError(
      MqErrorCode.InvalidArgument,
      `virtualNodes must be an integer from 1 to ${VIRTUAL_NODES_MAX}, not ${virtualNodes}`,
    );
  }
  return {
    name: 'CONSISTENT_HASH',
    allocate(context: AllocationContext): readonly MessageQueue[] {
      if (memberIndex(context) < 0) return [];
      const ring = buildRing(context.clientIds, virtualNodes);
      return context.queues.filter((queue) => owner(ring, queueKey(queue)) === context.clientId);
    },
  };
}

interface RingPoint {
  readonly hash: number;
  readonly clientId: string;
}

function buildRing(clientIds: readonly string[], virtualNodes: number): readonly RingPoint[] {
  const points = new Map<number, string>();
  for (const clientId of clientIds) {
    // Equal hashes are replaced by the later member, as in a sorted map.
    for (let node = 0; node < virtualNodes; node++)
      points.set(hashOf(`${clientId}-${node}`), clientId);
  }
  return [...points]
    .map(([hash, clientId]) => ({ hash, clientId }))
    .sort((left, right) => left.hash - right.hash);
}

function owner(ring: readonly RingPoint[], key: string): string | undefined {
  const hash = hashOf(key);
  const next = ring.find((point) => point.hash >= hash) ?? ring[0];
  return next?.clientId;
}

/** The text form of a queue in the Java client: it is what all members hash. */
function queueKey(queue: MessageQueue): string {
  const { topic, brokerName, queueId } = queue;
  return `MessageQueue [topic=${topic}, brokerName=${brokerName}, queueId=${queueId}]`;
}

/** First four bytes of the MD5 as an unsigned number. */
function hashOf(key: string): number {
  return createHash('md5').update(key, 'utf8').digest().readUInt32BE(0);
}
