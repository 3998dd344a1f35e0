/** What goes over the wire in a transaction, and what the caller hears. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { decodePropertyText } from '@skylarkmq/message';
import {
  EndTransaction,
  type EndTransactionRequest,
  type Outgoing,
  RequestCode,
  ResponseCode,
  SendMessage,
} from '@skylarkmq/wire';
import { MqErrorCode, TransactionProducer } from '../../src/index.ts';
import { ScriptedServer } from '../fake/scripted-server.ts';

const OFFSET_ID = '7F00000100002A9F000000000000007B';

suite('TransactionProducer', () => {
  const server = new ScriptedServer();
  const ends: EndTransactionRequest[] = [];
  let sendCode: number = ResponseCode.Success;
  let endAnswer: Outgoing = { code: ResponseCode.Success };
  let sent = new Map<string, string>();
  let sysFlag = 0;

  before(async () => {
    await server.start();
    server.addTopic('T', 1);
    server.on(RequestCode.SendMessageV2, (request) => {
      const header = SendMessage.requestV2.decode(request.ext);
      sent = decodePropertyText(header.i ?? '');
      sysFlag = header.f;
      const ext = SendMessage.response.encode({
        msgId: OFFSET_ID,
        queueId: 0,
        queueOffset: 9,
        transactionId: sent.get('UNIQ_KEY'),
      });
      return { code: sendCode, ext };
    });
    server.on(EndTransaction.code, (request) => {
      ends.push(EndTransaction.request.decode(request.ext));
      return endAnswer;
    });
  });
  after(() => server.stop());

  function producer(): TransactionProducer {
    ends.length = 0;
    sendCode = ResponseCode.Success;
    endAnswer = { code: ResponseCode.Success };
    return new TransactionProducer({
      namesrv: server.address,
      group: 'G',
      check: async () => 'unknown',
    });
  }

  test('the half says so, the outcome names the half', async () => {
    await using one = producer();
    const message = { topic: 'T', body: 'x' };
    const receipt = await one.sendInTransaction(message, async () => 'commit', {
      checkAfterMs: 2500,
    });
    assert.equal(sysFlag, 4);
    assert.equal(sent.get('TRAN_MSG'), 'true');
    assert.equal(sent.get('PGROUP'), 'G');
    assert.equal(sent.get('CHECK_IMMUNITY_TIME_IN_SECONDS'), '3');
    assert.deepEqual(ends, [
      {
        topic: 'T',
        producerGroup: 'G',
        tranStateTableOffset: 9,
        commitLogOffset: 123,
        commitOrRollback: 8,
        fromTransactionCheck: false,
        msgId: receipt.messageId,
        transactionId: receipt.messageId,
        bname: 'b',
      },
    ]);
    assert.equal(receipt.settled, true);
    // The broker knows whom to ask before it has anything to ask about.
    assert.ok(server.codes.indexOf(RequestCode.HeartBeat) >= 0);
    assert.ok(
      server.codes.indexOf(RequestCode.HeartBeat) < server.codes.indexOf(RequestCode.SendMessageV2),
    );
  });

  test('an unknown outcome is not told, an error of the work is thrown on', async () => {
    await using one = producer();
    const unknown = await one.sendInTransaction({ topic: 'T', body: 'x' }, async () => 'unknown');
    assert.equal(unknown.settled, false);
    const failing = one.sendInTransaction({ topic: 'T', body: 'x' }, async () => {
      throw new RangeError('no stock');
    });
    await assert.rejects(failing, RangeError);
    assert.deepEqual(ends, []);
  });

  test('a half that is not safe is rolled back without the work', async () => {
    await using one = producer();
    sendCode = ResponseCode.FlushDiskTimeout;
    const receipt = await one.sendInTransaction({ topic: 'T', body: 'x' }, async () => {
      throw new Error('must not run');
    });
    assert.equal(receipt.status, 'flush-disk-timeout');
    assert.equal(receipt.outcome, 'rollback');
    assert.equal(ends[0]?.commitOrRollback, 12);
  });

  test('an outcome that the broker refuses is not settled', async () => {
    await using one = producer();
    endAnswer = { code: ResponseCode.SystemError, remark: 'no' };
    const receipt = await one.sendInTransaction({ topic: 'T', body: 'x' }, async () => 'commit');
    assert.equal(receipt.outcome, 'commit');
    assert.equal(receipt.settled, false);
  });

  test('a half that nobody takes is the error of a send; bad options are named', async () => {
    await using one = producer();
    sendCode = ResponseCode.MessageIllegal;
    const refused = one.sendInTransaction({ topic: 'T', body: 'x' }, async () => 'commit');
    await assert.rejects(refused, { code: MqErrorCode.Response });
    const bad = one.sendInTransaction({ topic: 'T', body: 'x' }, async () => 'commit', {
      checkAfterMs: -1,
    });
    await assert.rejects(bad, { code: MqErrorCode.InvalidArgument });
  });
});
