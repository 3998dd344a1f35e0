import {
  type JsonInputObject,
  type JsonValue,
  jsonNumberOr,
  jsonObject,
  jsonObjectOr,
  jsonString,
  jsonStringOr,
  MqError,
  MqErrorCode,
} from '@skylarkmq/base';
import { parseBody, standardBody } from '../body/json-body.ts';

/** How the members of a group get messages. */
export const MessageRequestMode = { Pull: 'PULL', Pop: 'POP' } as const;

export type MessageRequestMode = (typeof MessageRequestMode)[keyof typeof MessageRequestMode];

/** Body of 401: how a group reads a topic. */
export interface MessageRequestSetting {
  readonly topic: string;
  readonly consumerGroup: string;
  readonly mode: MessageRequestMode;
  /** Members that share each queue; 0 or less: every member pops from all queues. */
  readonly popShareQueueNum: number;
}

/** Topic, then group. */
export type MessageRequestSettings = ReadonlyMap<
  string,
  ReadonlyMap<string, MessageRequestSetting>
>;

export function encodeMessageRequestSetting(setting: MessageRequestSetting): Buffer {
  return standardBody(messageRequestSettingJson(setting));
}

/** CORRUPT when the body is not of this form. */
export function decodeMessageRequestSetting(body: Buffer | null): MessageRequestSetting {
  return settingOf(parseBody(body));
}

function messageRequestSettingJson(setting: MessageRequestSetting): JsonInputObject {
  const { consumerGroup, mode, popShareQueueNum, topic } = setting;
  return { consumerGroup, mode, popShareQueueNum, topic };
}

/** Body of 402 and text of messageRequestMode.json. */
export function messageRequestSettingsJson(settings: MessageRequestSettings): JsonInputObject {
  const map = new Map<string, ReadonlyMap<string, JsonInputObject>>();
  for (const [topic, groups] of settings) {
    const inner = new Map<string, JsonInputObject>();
    for (const [group, setting] of groups) inner.set(group, messageRequestSettingJson(setting));
    map.set(topic, inner);
  }
  return { messageRequestModeMap: map };
}

export function encodeMessageRequestSettings(settings: MessageRequestSettings): Buffer {
  return standardBody(messageRequestSettingsJson(settings));
}

/** CORRUPT when the value is not of this form. */
export function decodeMessageRequestSettings(value: JsonValue): MessageRequestSetting[] {
  const object = jsonObject(value, 'message request modes');
  const topics = jsonObjectOr(object.get('messageRequestModeMap'), 'messageRequestModeMap');
  const settings: MessageRequestSetting[] = [];
  for (const [topic, groups] of topics) {
    for (const setting of jsonObject(groups, String(topic)).values()) {
      settings.push(settingOf(setting));
    }
  }
  return settings;
}

/** The mode that a text spells. CORRUPT when it is none. */
export function messageRequestMode(text: string): MessageRequestMode {
  if (text === MessageRequestMode.Pull || text === MessageRequestMode.Pop) return text;
  throw new MqError(MqErrorCode.Corrupt, `mode must be PULL or POP, not ${text.slice(0, 40)}`);
}

function settingOf(value: JsonValue): MessageRequestSetting {
  const object = jsonObject(value, 'message request mode');
  return {
    topic: jsonString(object.get('topic'), 'topic'),
    consumerGroup: jsonString(object.get('consumerGroup'), 'consumerGroup'),
    mode: messageRequestMode(jsonStringOr(object.get('mode'), 'mode', MessageRequestMode.Pull)),
    popShareQueueNum: jsonNumberOr(object.get('popShareQueueNum'), 'popShareQueueNum', 0),
  };
}
