import type { MessageQueue } from '@skylarkmq/message';
import {
  type AllocationContext,
  type AllocationStrategy,
  memberIndex,
} from './allocation-strategy.ts';

/**
 * Uses only brokers whose name has the form `room@name` with a room of the given list; their
 * queues are shared out in contiguous runs, the remainder goes to the first members.
 */
// RocketMQ: AllocateMessageQueueByMachineRoom#allocate
export function machineRoom(rooms: Iterable<string>): AllocationStrategy {
  const allowed = new Set(rooms);
  return {
    name: 'MACHINE_ROOM',
    allocate: (context) => allocate(context, allowed),
  };
}

function allocate(
  context: AllocationContext,
  allowed: ReadonlySet<string>,
): readonly MessageQueue[] {
  const index = memberIndex(context);
  if (index < 0) return [];
  const queues = context.queues.filter((queue) => inAllowedRoom(queue.brokerName, allowed));
  const members = context.clientIds.length;
  const share = Math.floor(queues.length / members);
  const result = queues.slice(share * index, share * (index + 1));
  const extra = queues.length % members > index ? queues[index + share * members] : undefined;
  if (extra !== undefined) result.push(extra);
  return result;
}

function inAllowedRoom(brokerName: string, allowed: ReadonlySet<string>): boolean {
  const parts = brokerName.split('@');
  const room = parts[0];
  return parts.length === 2 && room !== undefined && allowed.has(room);
}
