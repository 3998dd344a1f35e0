/**
 * Frames that the official Java clients and a real Apache exchanged (golden/traffic-*.txt):
 * each is read into typed headers and written again as the same bytes, the bodies with them.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { encodeRecord, RecordFields, RecordKind, RecordView } from '@skylarkmq/message';
import * as wire from '@skylarkmq/wire';
import { type RecordedFrame, readTraffic } from './traffic-file.ts';

const { RequestCode, ResponseCode } = wire;
const frames = readTraffic();
/** Every kind of message has its frames. */
const KINDS = [
  ...['send', 'batch', 'one-way', 'order', 'delay', 'timer', 'recall', 'transaction', 'request'],
  ...['trace', 'pull', 'push', 'retry', 'sql', 'namespace', 'pop', 'lite'],
];
/** What must be there, from the client's side. */
const CODES: readonly number[] = [
  ...[RequestCode.SendMessageV2, RequestCode.SendBatchMessage, RequestCode.RecallMessage],
  ...[RequestCode.EndTransaction, RequestCode.SendReplyMessageV2, RequestCode.PullMessage],
  ...[RequestCode.LitePullMessage, RequestCode.PopMessage, RequestCode.AckMessage],
  ...[RequestCode.BatchAckMessage, RequestCode.ChangeMessageInvisibletime, RequestCode.HeartBeat],
  ...[RequestCode.Notification, RequestCode.QueryAssignment, RequestCode.LockBatchMq],
  ...[RequestCode.UnlockBatchMq, RequestCode.ConsumerSendMsgBack, RequestCode.PopLiteMessage],
  ...[RequestCode.LiteSubscriptionCtl, RequestCode.CheckClientConfig, RequestCode.RegisterBroker],
];
/** And from the broker's. */
const CALLBACKS: readonly number[] = [
  ...[RequestCode.CheckTransactionState, RequestCode.NotifyConsumerIdsChanged],
  RequestCode.PushReplyMessageToClient,
];

interface TypedHeader {
  encode(values: unknown): ReadonlyMap<string, string>;
  decode(ext: ReadonlyMap<string, string>): unknown;
}

interface Described {
  readonly code: number;
  readonly request: TypedHeader;
  readonly response: TypedHeader;
}

function isDescribed(value: unknown): value is Described {
  return typeof value === 'object' && value !== null && 'code' in value && 'request' in value;
}

const described = new Map<number, Described>();
for (const value of Object.values(wire)) if (isDescribed(value)) described.set(value.code, value);

/** The header of a frame; undefined for codes without fields. */
function headerOf(requestCode: number, isResponse: boolean): TypedHeader | undefined {
  const code = ALIASES.get(requestCode) ?? requestCode;
  if (isResponse) return described.get(code)?.response;
  return SHORT.has(requestCode) ? shortSend : described.get(code)?.request;
}

const shortSend: TypedHeader = wire.SendMessage.requestV2;
const SHORT = new Set<number>([
  ...[RequestCode.SendMessageV2, RequestCode.SendBatchMessage, RequestCode.SendReplyMessageV2],
]);
/** Codes that have the headers of others. */
const ALIASES = new Map<number, number>([
  [RequestCode.SendMessageV2, RequestCode.SendMessage],
  [RequestCode.SendBatchMessage, RequestCode.SendMessage],
  [RequestCode.SendReplyMessage, RequestCode.SendMessage],
  [RequestCode.SendReplyMessageV2, RequestCode.SendMessage],
  [RequestCode.LitePullMessage, RequestCode.PullMessage],
]);

function decode(bytes: Buffer): wire.Command {
  const decoder = new wire.FrameDecoder();
  decoder.push(bytes);
  const command = decoder.next();
  assert.ok(command !== null, 'the frame is not whole');
  return command;
}

function nameOf({ kind, version, sender, requestCode }: RecordedFrame, index: number): string {
  const code = wire.requestCodeName(requestCode);
  return `line ${index + 1}: ${kind} ${version}, ${code} from the ${sender}`;
}

/** Added to requests of any kind by the client's own hooks: no part of a header. */
const HOOK_FIELDS: readonly string[] = ['ReqT', 'ns', 'nsd', '_UNIQUE_KEY_QUERY'];
/** Answers that have no header, only what the broker adds to all answers of a sender. */
const REFUSALS: readonly number[] = [
  ...[ResponseCode.MessageIllegal, ResponseCode.InvalidParameter, ResponseCode.IllegalOperation],
];
/** Fields of an answer without a header: what the broker can do for heartbeats. */
const HEARTBEAT_FIELDS: readonly string[] = ['IS_SUPPORT_HEART_BEAT_V2', 'IS_SUB_CHANGE'];

/** Fields in the order of the frame, with the values that the typed header gives them. */
function throughHeader(frame: RecordedFrame, command: wire.Command): Map<string, string> {
  const { ext, isResponse, code } = command;
  const typed = headerOf(frame.requestCode, isResponse);
  // An error has no fields of its own kind.
  const isError = isResponse && (ext.size === 0 || REFUSALS.includes(code));
  if (typed === undefined || isError) return new Map(ext);
  const encoded = typed.encode(typed.decode(ext));
  const isHooks = (name: string): boolean => !isResponse && HOOK_FIELDS.includes(name);
  const again = (name: string, value: string): string =>
    isHooks(name) ? value : (encoded.get(name) ?? '(none)');
  return new Map([...ext].map(([name, value]) => [name, again(name, value)]));
}

/** The members of a value that another one has, too. */
function restricted(value: unknown, like: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(like)) {
    return value.map((one, index) => restricted(one, like[index]));
  }
  if (typeof value !== 'object' || value === null || typeof like !== 'object') return value;
  const names = new Set(Object.keys(like ?? {}));
  const entries = Object.entries(value).filter(([name]) => names.has(name));
  const likes = new Map(Object.entries(like ?? {}));
  return Object.fromEntries(entries.map(([name, one]) => [name, restricted(one, likes.get(name))]));
}

suite('recorded traffic', () => {
  test('has every kind of message and request', () => {
    for (const kind of KINDS)
      assert.ok(
        frames.some((frame) => frame.kind === kind),
        kind,
      );
    const from = (sender: string): Set<number> =>
      new Set(frames.filter((frame) => frame.sender === sender).map((frame) => frame.requestCode));
    const name = wire.requestCodeName;
    assert.deepEqual(CODES.filter((code) => !from('client').has(code)).map(name), []);
    assert.deepEqual(CALLBACKS.filter((code) => !from('server').has(code)).map(name), []);
  });

  test('is read, and written as the same bytes, through typed headers', () => {
    for (const [index, frame] of frames.entries()) {
      const command = decode(frame.bytes);
      const { code, flag, opaque, language, version, remark, body, serialization } = command;
      const fields = throughHeader(frame, command);
      // Apache writes an empty object for an answer whose header has no fields.
      const ext = frame.bytes.includes('"extFields"') ? fields : undefined;
      const outgoing = { code, flag, opaque, language, version, remark, body, ext };
      const again = wire.encodeCommand(outgoing, serialization);
      const where = nameOf(frame, index);
      assert.deepEqual([...fields], [...command.ext], where);
      assert.equal(again.toString('latin1'), frame.bytes.toString('latin1'), where);
    }
  });

  test('has no fields that a typed header does not know', () => {
    const unknown = new Set<string>();
    for (const frame of frames) {
      const command = decode(frame.bytes);
      if (headerOf(frame.requestCode, command.isResponse) !== undefined) continue;
      const code = wire.requestCodeName(frame.requestCode);
      for (const name of command.ext.keys()) {
        if ([...HOOK_FIELDS, ...HEARTBEAT_FIELDS].includes(name)) continue;
        unknown.add(`${code} ${frame.sender} ${name}`);
      }
    }
    assert.deepEqual([...unknown], []);
  });

  test('messages that were pulled and popped are written as the same records', () => {
    const codes: readonly number[] = [
      ...[RequestCode.PullMessage, RequestCode.LitePullMessage, RequestCode.PopMessage],
      RequestCode.PopLiteMessage,
    ];
    let records = 0;
    for (const [index, frame] of frames.entries()) {
      const command = decode(frame.bytes);
      const { body, code, isResponse } = command;
      if (!codes.includes(frame.requestCode) || !isResponse || body === null) continue;
      assert.equal(code, ResponseCode.Success);
      const view = new RecordView();
      for (let at = 0; at < body.length; at += view.totalSize) {
        assert.equal(view.at(body, at), RecordKind.Record, nameOf(frame, index));
        const original = body.subarray(at, at + view.totalSize);
        assert.deepEqual(recordAgain(view), original, nameOf(frame, index));
        records += 1;
      }
    }
    assert.ok(records > 50, `only ${records} records`);
  });

  test('bodies of JSON are written with the same members', () => {
    const CODECS: readonly [number, boolean, (body: Buffer) => Buffer][] = [
      [RequestCode.HeartBeat, false, (b) => wire.encodeHeartbeat(wire.decodeHeartbeat(b))],
      [RequestCode.LockBatchMq, false, (b) => wire.encodeLockBatch(wire.decodeLockBatch(b))],
      [RequestCode.UnlockBatchMq, false, (b) => wire.encodeLockBatch(wire.decodeLockBatch(b))],
      [RequestCode.LockBatchMq, true, (b) => wire.encodeLockOk(wire.decodeLockOk(b))],
      [
        RequestCode.GetConsumerListByGroup,
        true,
        (b) => wire.encodeConsumerList(wire.decodeConsumerList(b)),
      ],
    ];
    for (const [code, isResponse, again] of CODECS) {
      let found = 0;
      for (const [index, frame] of frames.entries()) {
        const command = decode(frame.bytes);
        const { body } = command;
        if (frame.requestCode !== code || command.isResponse !== isResponse) continue;
        if (body === null) continue;
        found += 1;
        const where = nameOf(frame, index);
        const theirs: unknown = JSON.parse(body.toString());
        // Those of 4.9.8 have fewer members.
        const ours = restricted(JSON.parse(again(body).toString()), theirs);
        assert.deepEqual(ours, theirs, where);
      }
      assert.ok(found > 0, wire.requestCodeName(code));
    }
  });
});

function recordAgain(view: RecordView): Buffer {
  const { buffer, queueId, flag, queueOffset, physicalOffset, sysFlag } = view;
  const { bornTimestamp, storeTimestamp, reconsumeTimes, preparedTransactionOffset } = view;
  const fields = Object.assign(new RecordFields(), {
    ...{ queueId, flag, queueOffset, physicalOffset, sysFlag, bornTimestamp, storeTimestamp },
    ...{ reconsumeTimes, preparedTransactionOffset },
    bornHost: buffer.subarray(view.bornHostStart, view.bornHostStart + 8),
    storeHost: buffer.subarray(view.storeHostStart, view.storeHostStart + 8),
    ...{ body: buffer, bodyStart: view.bodyStart, bodyEnd: view.bodyEnd },
    topic: buffer.subarray(view.topicStart, view.topicEnd),
    properties: buffer,
    ...{ propertiesStart: view.propertiesStart, propertiesEnd: view.propertiesEnd },
  });
  const target = Buffer.alloc(view.totalSize);
  return target.subarray(0, encodeRecord(target, 0, fields));
}
