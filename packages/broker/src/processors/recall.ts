/** Takes back a message that waits for its time (370): stores a mark that deletes it. */
import { type Clock, MqError } from '@skylarkmq/base';
import {
  isWritable,
  PropertyName,
  parseRecallHandle,
  type RecallHandle,
  SystemTopic,
} from '@skylarkmq/message';
import type { Connection, RemotingServer } from '@skylarkmq/remoting';
import { type MessageStore, timerOutMs } from '@skylarkmq/store';
import {
  type Outgoing,
  RecallMessage,
  type RecallMessageRequest,
  ResponseCode,
  type TopicConfig,
} from '@skylarkmq/wire';
import type { BrokerIdentity } from '../identity.ts';
import { storedCode } from '../send/put-answer.ts';
import type { BrokerSettings } from '../settings.ts';

/** RocketMQ: RecallMessageProcessor */
const RECALL_TAG = '_RECALL_TAG_';
const BODY: Buffer = Buffer.from('0');

export interface RecallDeps {
  readonly store: Pick<MessageStore, 'put' | 'statusReason'>;
  readonly topics: { get(topic: string): TopicConfig | undefined };
  readonly timers: {
    announceRecall(key: string): boolean;
    confirmRecall(key: string): void;
    withdrawRecall(key: string): void;
  };
  readonly identity: BrokerIdentity;
  readonly clock: Clock;
  settings(): BrokerSettings;
}

export function registerRecallHandlers(server: RemotingServer, deps: RecallDeps): void {
  server.register(RecallMessage.code, (command, connection) => {
    const request = RecallMessage.request.decode(command.ext);
    return recall(request, connection, deps);
  });
}

// RocketMQ: RecallMessageProcessor#processRequest
async function recall(
  request: RecallMessageRequest,
  connection: Connection,
  deps: RecallDeps,
): Promise<Outgoing> {
  const settings = deps.settings();
  const refused = forbidden(request, settings, deps);
  if (refused !== undefined) return refused;
  let handle: RecallHandle;
  try {
    handle = parseRecallHandle(request.recallHandle);
  } catch (error) {
    return illegal(MqError.from(error).message);
  }
  const problem = mismatch(handle, request, settings, deps);
  if (problem !== undefined) return illegal(problem);
  return storeMark(handle, request, connection, deps);
}

function forbidden(
  { topic }: RecallMessageRequest,
  settings: BrokerSettings,
  { topics, clock }: RecallDeps,
): Outgoing | undefined {
  if (!settings.recallMessageEnable) {
    const remark = 'recall failed, operation is forbidden. Cause: recallMessageEnable is off.';
    return { code: ResponseCode.NoPermission, remark };
  }
  if (!settings.timerWheelEnable) {
    const remark = 'recall failed, operation is forbidden. Cause: timerWheelEnable is off.';
    return { code: ResponseCode.NoPermission, remark };
  }
  const isClosed =
    !isWritable(settings.brokerPermission) && !settings.allowRecallWhenBrokerNotWriteable;
  if (isClosed || clock.nowMs() < settings.startAcceptSendRequestTimeStamp) {
    return {
      code: ResponseCode.ServiceNotAvailable,
      remark: 'recall failed, broker service not available',
    };
  }
  if (topics.get(topic) !== undefined) return undefined;
  const remark = `recall failed, the topic[${topic}] not exist`;
  return { code: ResponseCode.TopicNotExist, remark };
}

function mismatch(
  handle: RecallHandle,
  { topic }: RecallMessageRequest,
  { timerMaxDelaySec }: BrokerSettings,
  { identity, clock }: RecallDeps,
): string | undefined {
  if (handle.topic !== topic) {
    return `recall failed, the topic not match. Cause: the handle is for ${handle.topic}.`;
  }
  if (handle.brokerName !== identity.brokerName) {
    const cause = `the handle is for ${handle.brokerName}, this is ${identity.brokerName}`;
    return `recall failed, broker service not available. Cause: ${cause}.`;
  }
  const leftMs = handle.dueMs - clock.nowMs();
  if (leftMs <= 0) {
    const cause = `the message was due ${-leftMs} ms ago and has been delivered`;
    return `recall failed, timestamp invalid. Cause: ${cause}.`;
  }
  if (Math.floor(leftMs / 1000) < timerMaxDelaySec) return undefined;
  const cause = `the message would be due in ${leftMs} ms, the limit is ${timerMaxDelaySec} s`;
  return `recall failed, timestamp invalid. Cause: ${cause}.`;
}

async function storeMark(
  handle: RecallHandle,
  { producerGroup }: RecallMessageRequest,
  connection: Connection,
  deps: RecallDeps,
): Promise<Outgoing> {
  const { store, timers, identity, clock } = deps;
  const { topic, dueMs, uniqueKey } = handle;
  const nowMs = clock.nowMs();
  // RocketMQ: TimerMessageStore#buildDeleteKey
  const isLong = deps.settings().appendTopicForTimerDeleteKey;
  const key = isLong ? `${topic}+${uniqueKey}` : uniqueKey;
  if (!timers.announceRecall(key)) {
    const remark = 'recall failed, execute error. Cause: too many recalls are under way.';
    return { code: ResponseCode.SystemBusy, remark };
  }
  const properties: [string, string][] = [
    [PropertyName.TimerDeleteUniqueKey, key],
    [PropertyName.RealTopic, topic],
    [PropertyName.BornTimestamp, String(nowMs)],
    [PropertyName.TimerDeliverMs, String(dueMs)],
    [PropertyName.UniqueKey, uniqueKey],
    [PropertyName.ProducerGroup, producerGroup ?? ''],
    [PropertyName.Tags, RECALL_TAG],
    [PropertyName.TimerOutMs, String(timerOutMs(dueMs))],
    [PropertyName.RealQueueId, '0'],
    [PropertyName.Cluster, identity.brokerClusterName],
  ];
  const { status } = await store.put({
    ...{ topic: SystemTopic.Timer, queueId: 0, body: BODY, properties },
    ...{ bornTimestamp: nowMs, bornHost: connection.remoteHostBytes },
  });
  if (storedCode(status) === undefined) {
    timers.withdrawRecall(key);
    const remark = `recall failed, execute error. Cause: ${status}: ${store.statusReason}.`;
    return { code: ResponseCode.SystemError, remark };
  }
  timers.confirmRecall(key);
  return {
    code: ResponseCode.Success,
    ext: RecallMessage.response.encode({ msgId: uniqueKey }),
  };
}

function illegal(remark: string): Outgoing {
  return { code: ResponseCode.IllegalOperation, remark };
}
