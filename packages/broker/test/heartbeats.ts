/** Heartbeats as clients send them. */
import { encodeHeartbeat, type Outgoing, RequestCode } from '@skylarkmq/wire';

export interface HeartbeatParts {
  readonly producers?: readonly string[];
  /** Consumer groups to topics. */
  readonly consumers?: Readonly<Record<string, readonly string[]>>;
  readonly messageModel?: string;
  readonly subVersion?: number;
  readonly tag?: string;
  readonly fingerprint?: number;
  readonly withoutSub?: boolean;
}

export function heartbeat(clientID: string, parts: HeartbeatParts): Outgoing {
  const tag = parts.tag ?? '*';
  const body = encodeHeartbeat({
    clientID,
    heartbeatFingerprint: parts.fingerprint ?? 0,
    withoutSub: parts.withoutSub ?? false,
    producerDataSet: (parts.producers ?? []).map((groupName) => ({ groupName })),
    consumerDataSet: Object.entries(parts.consumers ?? {}).map(([groupName, topics]) => ({
      groupName,
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: parts.messageModel ?? 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      unitMode: false,
      subscriptionDataSet: topics.map((topic) => ({
        topic,
        subString: tag,
        expressionType: 'TAG',
        subVersion: parts.subVersion ?? 1,
        tagsSet: tag === '*' ? [] : [tag],
        codeSet: [],
        classFilterMode: false,
      })),
    })),
  });
  return { code: RequestCode.HeartBeat, body };
}
