/** Small bodies: lists and tables of texts. */
import { jsonArrayOr, jsonObject, jsonString } from '@skylarkmq/base';
import { javaBody, parseBody } from './json-body.ts';
import { decodeTextMap } from './topic-config.ts';

/** `{"topicList":[...]}`, with the address of a broker where one is to be asked for more. */
export function encodeTopicList(topics: Iterable<string>, brokerAddr?: string): Buffer {
  return javaBody({ brokerAddr, topicList: [...topics] });
}

export function decodeTopicList(body: Buffer | null): string[] {
  return textList(body, 'topicList');
}

/** `{"consumerIdList":[...]}`. */
export function encodeConsumerList(clientIds: Iterable<string>): Buffer {
  return javaBody({ consumerIdList: [...clientIds] });
}

export function decodeConsumerList(body: Buffer | null): string[] {
  return textList(body, 'consumerIdList');
}

/** `{"groupList":[...]}`. */
export function encodeGroupList(groups: Iterable<string>): Buffer {
  return javaBody({ groupList: [...groups] });
}

export function decodeGroupList(body: Buffer | null): string[] {
  return textList(body, 'groupList');
}

/** `{"table":{...}}`: key-value configuration and runtime information. */
export function encodeTextTable(table: ReadonlyMap<string, string>): Buffer {
  return javaBody({ table });
}

export function decodeTextTable(body: Buffer | null): Map<string, string> {
  return decodeTextMap(jsonObject(parseBody(body), 'body').get('table'), 'table');
}

function textList(body: Buffer | null, name: string): string[] {
  const list = jsonArrayOr(jsonObject(parseBody(body), 'body').get(name), name);
  return list.map((one) => jsonString(one, name));
}
