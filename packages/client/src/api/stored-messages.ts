/** Looking stored messages up, by where they are and by their keys. */
import { decodeRecord, decodeRecords, type StoredMessage } from '@skylarkmq/message';
import { QueryMessage, ResponseCode, ViewMessageById } from '@skylarkmq/wire';
import type { Requester } from '../instance/requester.ts';
import { expectSuccess, responseError } from './expect-success.ts';

/** The message at a place of a broker's CommitLog. */
export async function viewMessage(
  requester: Requester,
  address: string,
  physicalOffset: number,
): Promise<StoredMessage> {
  const ext = ViewMessageById.request.encode({ offset: physicalOffset });
  const answer = await requester.request(address, { code: ViewMessageById.code, ext });
  expectSuccess(answer, `The message at offset ${physicalOffset} of ${address}`);
  if (answer.body === null) throw responseError(answer, `The message at ${physicalOffset}`);
  return decodeRecord(answer.body);
}

/** What to look for. */
export interface QueryArguments {
  readonly topic: string;
  readonly key: string;
  /** The key is the id that the sender's client gave. */
  readonly unique: boolean;
  readonly max: number;
  readonly beginMs: number;
  readonly endMs: number;
}

/** Candidates at one broker: its index knows hash codes, so the caller compares the keys. */
export async function queryMessages(
  requester: Requester,
  address: string,
  args: QueryArguments,
): Promise<readonly StoredMessage[]> {
  const ext = QueryMessage.request.encode({
    topic: args.topic,
    key: args.key,
    maxNum: args.max,
    beginTimestamp: args.beginMs,
    endTimestamp: args.endMs,
  });
  if (args.unique) ext.set('_UNIQUE_KEY_QUERY', 'true');
  const answer = await requester.request(address, { code: QueryMessage.code, ext });
  if (answer.code === ResponseCode.QueryNotFound) return [];
  expectSuccess(answer, `The query of ${args.topic} for ${args.key}`);
  return answer.body === null ? [] : decodeRecords(answer.body);
}
