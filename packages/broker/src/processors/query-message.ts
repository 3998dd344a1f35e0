/** Single messages by key and by position: codes 12 and 33. */
import type { RemotingServer } from '@skylarkmq/remoting';
import type { KeyKind, MessageStore } from '@skylarkmq/store';
import {
  type Command,
  type Outgoing,
  QueryMessage,
  type QueryMessageRequest,
  ResponseCode,
  ViewMessageById,
} from '@skylarkmq/wire';
import type { BrokerSettings } from '../settings.ts';

/** Clients take no frame of more than 16 MiB; the newest messages come first. */
const BODY_BYTES_MAX = 12 * 1024 * 1024;
/** RocketMQ: MixAll#UNIQUE_MSG_QUERY_FLAG */
const UNIQUE_KEY_QUERY = '_UNIQUE_KEY_QUERY';
/** Field indexType. RocketMQ: MessageConst#INDEX_UNIQUE_TYPE, #INDEX_TAG_TYPE */
const INDEX_UNIQUE = 'U';
const INDEX_TAG = 'T';

export interface QueryDeps {
  readonly store: Pick<MessageStore, 'queryMessages' | 'readRecord'>;
  settings(): Pick<BrokerSettings, 'maxMsgsNumBatch' | 'defaultQueryMaxNum'>;
}

export function registerQueryHandlers(server: RemotingServer, deps: QueryDeps): void {
  server.register(QueryMessage.code, (command) => query(command, deps));
  server.register(ViewMessageById.code, (command) => view(command, deps));
}

/** RocketMQ: QueryMessageProcessor#queryMessage */
async function query(command: Command, deps: QueryDeps): Promise<Outgoing> {
  const request = QueryMessage.request.decode(command.ext);
  const unique = command.ext.get(UNIQUE_KEY_QUERY)?.toLowerCase() === 'true';
  const { maxMsgsNumBatch, defaultQueryMaxNum } = deps.settings();
  const wanted = unique ? defaultQueryMaxNum : Math.min(request.maxNum, maxMsgsNumBatch);
  const { topic, key, beginTimestamp, endTimestamp } = request;
  const kind = kindOf(request, unique);
  const found = await deps.store.queryMessages(
    topic,
    key,
    Math.max(0, wanted),
    beginTimestamp,
    endTimestamp,
    kind,
  );
  const ext = QueryMessage.response.encode({
    indexLastUpdateTimestamp: found.indexLastUpdateTimestamp,
    indexLastUpdatePhyoffset: found.indexLastUpdatePhysicalOffset,
  });
  if (found.records.length === 0) {
    const remark = 'can not find message, maybe time range not correct';
    return { code: ResponseCode.QueryNotFound, remark, ext };
  }
  return { code: ResponseCode.Success, ext, body: Buffer.concat(fitting(found.records)) };
}

function kindOf(request: QueryMessageRequest, unique: boolean): KeyKind {
  if (request.indexType === INDEX_TAG) return 'tag';
  return unique || request.indexType === INDEX_UNIQUE ? 'uniq' : 'key';
}

/** As many as fit into an answer, at least one. */
function fitting(records: readonly Buffer[]): readonly Buffer[] {
  let bytes = 0;
  const end = records.findIndex((record, index) => {
    bytes += record.length;
    return index > 0 && bytes > BODY_BYTES_MAX;
  });
  return end < 0 ? records : records.slice(0, end);
}

/** RocketMQ: QueryMessageProcessor#viewMessageById */
async function view(command: Command, deps: QueryDeps): Promise<Outgoing> {
  const { offset } = ViewMessageById.request.decode(command.ext);
  const body = offset < 0 ? null : await deps.store.readRecord(offset);
  if (body !== null) return { code: ResponseCode.Success, body };
  const remark = `can not find message by the offset, ${offset}`;
  return { code: ResponseCode.SystemError, remark };
}
