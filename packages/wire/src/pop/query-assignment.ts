import {
  type JsonValue,
  jsonArrayOr,
  jsonObject,
  jsonObjectOr,
  jsonString,
  jsonStringOr,
} from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { parseBody, standardBody } from '../body/json-body.ts';
import { decodeMessageQueue, messageQueueJson } from '../body/message-queue.ts';
import { MessageRequestMode, messageRequestMode } from './message-request-mode.ts';

/** Body of 400: a member asks which queues of a topic are its own. */
export interface AssignmentQuery {
  readonly topic: string;
  readonly consumerGroup: string;
  readonly clientId: string;
  /** AVG, AVG_BY_CIRCLE, ... */
  readonly strategyName: string;
  /** CLUSTERING or BROADCASTING. */
  readonly messageModel: string;
}

/** A queue that a member reads; queue id -1 for all queues of the broker. */
export interface QueueAssignment {
  readonly messageQueue: MessageQueue;
  readonly mode: MessageRequestMode;
  readonly attachments?: ReadonlyMap<string, string> | undefined;
}

export function encodeAssignmentQuery(query: AssignmentQuery): Buffer {
  const { clientId, consumerGroup, messageModel, strategyName, topic } = query;
  return standardBody({ clientId, consumerGroup, messageModel, strategyName, topic });
}

/** CORRUPT when the body is not of this form. */
export function decodeAssignmentQuery(body: Buffer | null): AssignmentQuery {
  const object = jsonObject(parseBody(body), 'assignment query');
  return {
    topic: jsonString(object.get('topic'), 'topic'),
    consumerGroup: jsonString(object.get('consumerGroup'), 'consumerGroup'),
    clientId: jsonString(object.get('clientId'), 'clientId'),
    strategyName: jsonStringOr(object.get('strategyName'), 'strategyName', ''),
    messageModel: jsonStringOr(object.get('messageModel'), 'messageModel', 'CLUSTERING'),
  };
}

export function encodeQueueAssignments(assignments: readonly QueueAssignment[]): Buffer {
  const messageQueueAssignments = assignments.map(({ attachments, messageQueue, mode }) => ({
    attachments,
    messageQueue: messageQueueJson(messageQueue),
    mode,
  }));
  return standardBody({ messageQueueAssignments });
}

/** CORRUPT when the body is not of this form. */
export function decodeQueueAssignments(body: Buffer | null): QueueAssignment[] {
  const object = jsonObject(parseBody(body), 'assignments');
  const name = 'messageQueueAssignments';
  return jsonArrayOr(object.get(name), name).map(assignmentOf);
}

function assignmentOf(value: JsonValue): QueueAssignment {
  const object = jsonObject(value, 'assignment');
  const attachments = new Map<string, string>();
  for (const [key, one] of jsonObjectOr(object.get('attachments'), 'attachments')) {
    attachments.set(String(key), jsonString(one, String(key)));
  }
  return {
    messageQueue: decodeMessageQueue(object.get('messageQueue')),
    mode: messageRequestMode(jsonStringOr(object.get('mode'), 'mode', MessageRequestMode.Pull)),
    ...(attachments.size === 0 ? {} : { attachments }),
  };
}
