/** Brokers handle the requests of a connection side by side: a pull may be later than a commit. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encodeHost, encodeRecord, PullFlag, RecordFields } from '@skylarkmq/message';
import {
  type Command,
  encodeConsumerList,
  PullMessage,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import { PushConsumer } from '../../src/push/push-consumer.ts';
import { ScriptedServer, until } from '../fake/scripted-server.ts';

const MESSAGES = 6;
const server = new ScriptedServer();
/** What the broker has of the one queue. */
let committed = -1;
/** Pulls whose commit the broker has not come to yet. */
const late: Command[] = [];
let clientId = '';

function records(from: number, to: number): Buffer {
  const all = Array.from({ length: to - from }, (_, index) => {
    const queueOffset = from + index;
    const fields = Object.assign(new RecordFields(), {
      ...{ topic: Buffer.from('T'), body: Buffer.from('x'), bodyEnd: 1, queueId: 0, queueOffset },
      ...{ bornHost: encodeHost('1.2.3.4:5'), storeHost: encodeHost('1.2.3.4:6') },
    });
    const target = Buffer.alloc(512);
    return target.subarray(0, encodeRecord(target, 0, fields));
  });
  return Buffer.concat(all);
}

function commitOf(pull: Command): void {
  const { sysFlag, commitOffset } = PullMessage.request.decode(pull.ext);
  if ((sysFlag & PullFlag.CommitOffset) !== 0) committed = commitOffset;
}

before(async () => {
  await server.start();
  server.addTopic('T', 1);
  server.on(RequestCode.HeartBeat, (request) => {
    clientId = /"clientID":"([^"]+)"/.exec(request.body?.toString() ?? '')?.[1] ?? '';
    return { code: ResponseCode.Success };
  });
  server.on(RequestCode.GetConsumerListByGroup, () => {
    return { code: ResponseCode.Success, body: encodeConsumerList([clientId]) };
  });
  server.on(RequestCode.QueryConsumerOffset, ({ ext }) => {
    if (ext.get('topic') !== 'T' || committed < 0) return { code: ResponseCode.QueryNotFound };
    return { code: ResponseCode.Success, ext: new Map([['offset', String(committed)]]) };
  });
  server.on(RequestCode.UpdateConsumerOffset, ({ ext }) => {
    if (ext.get('topic') === 'T') committed = Number(ext.get('commitOffset'));
    return { code: ResponseCode.Success };
  });
  server.on(RequestCode.PullMessage, (request) => {
    const { topic, queueOffset } = PullMessage.request.decode(request.ext);
    if (topic !== 'T') return null;
    if (queueOffset === MESSAGES) {
      late.push(request);
      return null;
    }
    commitOf(request);
    // One message, and then all others.
    const nextBeginOffset = queueOffset === 0 ? 1 : MESSAGES;
    const body = records(queueOffset, nextBeginOffset);
    const more = { minOffset: 0, maxOffset: MESSAGES, suggestWhichBrokerId: 0 };
    const ext = PullMessage.response.encode({ nextBeginOffset, ...more });
    return { code: ResponseCode.Success, ext, body };
  });
});
after(() => server.stop());

test('a pull that the broker comes to after the close takes no offset back', async () => {
  const options = { namesrv: server.address, group: 'G', subscriptions: 'T' } as const;
  const consumer = new PushConsumer({ ...options, consumeFrom: 'first' });
  let handled = 0;
  const running = consumer.run(
    async () => {
      handled += 1;
      // Only the first is done with when the last pull goes out.
      if (handled > 1) await until('the last pull', () => late.length > 0);
    },
    { concurrency: 1 },
  );
  await until('all messages', () => handled === MESSAGES);
  await consumer.close();
  await running;
  assert.equal(committed, MESSAGES);
  for (const pull of late) commitOf(pull);
  assert.equal(committed, MESSAGES);
});
