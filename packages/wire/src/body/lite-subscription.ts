import {
  type JsonValue,
  jsonArrayOr,
  jsonNumberOr,
  jsonObject,
  jsonString,
  jsonStringOr,
} from '@skylarkmq/base';
import { parseBody, standardBody } from './json-body.ts';

/** What a client wants with lite topics. RocketMQ: LiteSubscriptionAction */
export type LiteSubscriptionAction =
  | 'PARTIAL_ADD'
  | 'PARTIAL_REMOVE'
  | 'COMPLETE_ADD'
  | 'COMPLETE_REMOVE';

const ACTIONS: readonly LiteSubscriptionAction[] = [
  'PARTIAL_ADD',
  'PARTIAL_REMOVE',
  'COMPLETE_ADD',
  'COMPLETE_REMOVE',
];

/** Where a group begins in a lite topic. RocketMQ: OffsetOption */
export interface LiteOffsetOption {
  readonly type: string;
  readonly value: number;
}

/** One change of what a client is subscribed to. */
export interface LiteSubscriptionChange {
  /** Undefined for one that nobody knows. */
  readonly action: LiteSubscriptionAction | undefined;
  readonly clientId: string;
  readonly group: string;
  /** The parent topic. */
  readonly topic: string;
  readonly liteTopics: readonly string[];
  readonly offsetOption?: LiteOffsetOption | undefined;
}

/** The body of LITE_SUBSCRIPTION_CTL. */
export function decodeLiteSubscriptionChanges(body: Buffer): LiteSubscriptionChange[] {
  const object = jsonObject(parseBody(body), 'lite subscriptions');
  return jsonArrayOr(object.get('subscriptionSet'), 'subscriptionSet').map(changeOf);
}

export function encodeLiteSubscriptionChanges(changes: readonly LiteSubscriptionChange[]): Buffer {
  const subscriptionSet = changes.map((change) => {
    const { action, clientId, group, topic, liteTopics, offsetOption } = change;
    const option = offsetOption === undefined ? undefined : { ...offsetOption };
    return { action, clientId, group, liteTopicSet: liteTopics, offsetOption: option, topic };
  });
  return standardBody({ subscriptionSet });
}

function changeOf(value: JsonValue): LiteSubscriptionChange {
  const object = jsonObject(value, 'lite subscription');
  const topics = jsonArrayOr(object.get('liteTopicSet'), 'liteTopicSet');
  const action = jsonStringOr(object.get('action'), 'action', '');
  const option = object.get('offsetOption');
  return {
    action: ACTIONS.find((one) => one === action),
    clientId: jsonStringOr(object.get('clientId'), 'clientId', ''),
    group: jsonStringOr(object.get('group'), 'group', ''),
    topic: jsonStringOr(object.get('topic'), 'topic', ''),
    liteTopics: topics.map((one) => jsonString(one, 'liteTopicSet')),
    offsetOption: option === undefined || option === null ? undefined : optionOf(option),
  };
}

function optionOf(value: JsonValue): LiteOffsetOption {
  const object = jsonObject(value, 'offsetOption');
  const type = jsonStringOr(object.get('type'), 'type', '');
  return { type, value: jsonNumberOr(object.get('value'), 'value', 0) };
}
