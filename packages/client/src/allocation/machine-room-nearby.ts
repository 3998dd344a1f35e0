import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import {
  type AllocationContext,
  type AllocationStrategy,
  memberIndex,
} from './allocation-strategy.ts';
import { averagely } from './averagely.ts';

/** Tells in which machine room (zone) a broker or a member of the group runs. */
export interface MachineRoomResolver {
  /** Room of the broker that has the queue; must not be empty. */
  roomOfQueue(queue: MessageQueue): string;
  /** Room of a member; must not be empty. */
  roomOfClient(clientId: string): string;
}

/**
 * Queues go to members in the broker's own room; queues of rooms without members are shared by
 * all members. `inner` does the sharing within each set, by default {@link averagely}.
 */
// RocketMQ: AllocateMachineRoomNearby#allocate
export function machineRoomNearby(
  resolver: MachineRoomResolver,
  inner: AllocationStrategy = averagely,
): AllocationStrategy {
  return {
    name: `MACHINE_ROOM_NEARBY-${inner.name}`,
    allocate: (context) => allocate(context, resolver, inner),
  };
}

function allocate(
  context: AllocationContext,
  resolver: MachineRoomResolver,
  inner: AllocationStrategy,
): readonly MessageQueue[] {
  if (memberIndex(context) < 0) return [];
  const queues = groupByRoom(context.queues, (queue) => resolver.roomOfQueue(queue));
  const clients = groupByRoom(context.clientIds, (clientId) => resolver.roomOfClient(clientId));
  const ownRoom = resolver.roomOfClient(context.clientId);
  const result: MessageQueue[] = [];
  const nearby = queues.get(ownRoom);
  if (nearby !== undefined) {
    const neighbours = clients.get(ownRoom) ?? [];
    result.push(...inner.allocate({ ...context, queues: nearby, clientIds: neighbours }));
  }
  for (const room of [...queues.keys()].sort()) {
    const remote = queues.get(room);
    if (remote === undefined || clients.has(room)) continue;
    result.push(...inner.allocate({ ...context, queues: remote }));
  }
  return result;
}

function groupByRoom<T>(items: readonly T[], roomOf: (item: T) => string): Map<string, T[]> {
  const rooms = new Map<string, T[]>();
  for (const item of items) {
    const room = roomOf(item);
    if (room === '') {
      throw new MqError(
        MqErrorCode.InvalidArgument,
        'The name of a machine room must not be empty',
      );
    }
    const members = rooms.get(room);
    if (members === undefined) rooms.set(room, [item]);
    else members.push(item);
  }
  return rooms;
}
