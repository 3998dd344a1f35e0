/** Sends to logical queues. */
import type { Outgoing, SendMessageScan, StaticTopic } from '@skylarkmq/wire';
import { notLeader } from './not-leader.ts';
import { anyLedQueueId, isDecided, type LedQueue, ledQueue } from './queue-parts.ts';

/**
 * Makes the scanned request one to the physical queue that takes the messages. What is refused is
 * not stored: Apache stores a message for a queue whose begin is not decided and then refuses it,
 * so that the sender stores it twice.
 */
// RocketMQ: SendMessageProcessor#processRequest
export function placeSend(mapping: StaticTopic, scan: SendMessageScan): LedQueue | Outgoing {
  const queueId = scan.queueId < 0 ? anyLedQueueId(mapping) : scan.queueId;
  const queue = ledQueue(mapping, queueId);
  if (queue === undefined || !isDecided(queue.leader)) return notLeader(mapping, queueId);
  scan.queueId = queue.leader.queueId;
  return queue;
}
