import {
  type JsonValue,
  jsonArrayOr,
  jsonBooleanOr,
  jsonNumberOr,
  jsonObject,
  jsonString,
  jsonStringOr,
} from '@skylarkmq/base';
import { parseBody, standardBody } from './json-body.ts';
import {
  decodeSubscriptionData,
  type SubscriptionData,
  subscriptionDataJson,
} from './subscription-data.ts';

/** A producer group of a client. */
export interface ProducerData {
  readonly groupName: string;
}

/** A consumer group of a client. Enumerations are their Java names. */
export interface ConsumerData {
  readonly groupName: string;
  /** CONSUME_ACTIVELY, CONSUME_PASSIVELY, CONSUME_POP. */
  readonly consumeType: string;
  /** BROADCASTING, CLUSTERING. */
  readonly messageModel: string;
  readonly consumeFromWhere: string;
  readonly unitMode: boolean;
  readonly subscriptionDataSet: readonly SubscriptionData[];
}

/** What a client tells a broker of itself every 30 s. */
export interface Heartbeat {
  readonly clientID: string;
  /** 0 is the classic form; else a hash of the subscriptions. */
  readonly heartbeatFingerprint: number;
  /** Subscriptions are left out, the fingerprint stands for them. */
  readonly withoutSub: boolean;
  readonly producerDataSet: readonly ProducerData[];
  readonly consumerDataSet: readonly ConsumerData[];
}

export function encodeHeartbeat(heartbeat: Heartbeat): Buffer {
  return standardBody({
    clientID: heartbeat.clientID,
    consumerDataSet: heartbeat.consumerDataSet.map((consumer) => ({
      consumeFromWhere: consumer.consumeFromWhere,
      consumeType: consumer.consumeType,
      groupName: consumer.groupName,
      messageModel: consumer.messageModel,
      subscriptionDataSet: consumer.subscriptionDataSet.map(subscriptionDataJson),
      unitMode: consumer.unitMode,
    })),
    heartbeatFingerprint: heartbeat.heartbeatFingerprint,
    producerDataSet: heartbeat.producerDataSet.map(({ groupName }) => ({ groupName })),
    withoutSub: heartbeat.withoutSub,
  });
}

export function decodeHeartbeat(body: Buffer | null): Heartbeat {
  const object = jsonObject(parseBody(body), 'heartbeat');
  return {
    clientID: jsonString(object.get('clientID'), 'clientID'),
    heartbeatFingerprint: jsonNumberOr(object.get('heartbeatFingerprint'), 'fingerprint', 0),
    withoutSub: jsonBooleanOr(object.get('withoutSub'), 'withoutSub', false),
    producerDataSet: jsonArrayOr(object.get('producerDataSet'), 'producerDataSet').map(producer),
    consumerDataSet: jsonArrayOr(object.get('consumerDataSet'), 'consumerDataSet').map(consumer),
  };
}

function producer(value: JsonValue): ProducerData {
  return { groupName: jsonString(jsonObject(value, 'producer').get('groupName'), 'groupName') };
}

function consumer(value: JsonValue): ConsumerData {
  const object = jsonObject(value, 'consumer');
  const name = (key: string, otherwise: string): string =>
    jsonStringOr(object.get(key), key, otherwise);
  const subscriptions = jsonArrayOr(object.get('subscriptionDataSet'), 'subscriptionDataSet');
  return {
    groupName: jsonString(object.get('groupName'), 'groupName'),
    consumeType: name('consumeType', 'CONSUME_PASSIVELY'),
    messageModel: name('messageModel', 'CLUSTERING'),
    consumeFromWhere: name('consumeFromWhere', 'CONSUME_FROM_LAST_OFFSET'),
    unitMode: jsonBooleanOr(object.get('unitMode'), 'unitMode', false),
    subscriptionDataSet: subscriptions.map(decodeSubscriptionData),
  };
}
