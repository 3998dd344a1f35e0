import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  encodeQueueAssignments,
  MessageRequestMode,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import { leaseInstance } from '../../src/instance/instance-pool.ts';
import { resolveClientOptions } from '../../src/options/client-options.ts';
import { PopAssignments } from '../../src/push/pop-assignments.ts';
import { ScriptedServer } from '../fake/scripted-server.ts';

const server = new ScriptedServer();

before(async () => {
  await server.start();
  server.addTopic('T', 2);
});
after(() => server.stop());

test('a client that may not set the mode of its group pops from all queues', async () => {
  const messageQueue = { topic: 'T', brokerName: 'b', queueId: 0 };
  const pull = { messageQueue, mode: MessageRequestMode.Pull, attachments: new Map() };
  server.on(RequestCode.QueryAssignment, () => {
    return { code: ResponseCode.Success, body: encodeQueueAssignments([pull]) };
  });
  server.on(RequestCode.SetMessageRequestMode, () => ({ code: ResponseCode.NoPermission }));
  const client = resolveClientOptions({ namesrv: server.address });
  const lease = leaseInstance(client, 'consumer', 'G');
  const options = { group: 'G', strategy: 'AVG', shareQueues: 0 };
  const assignments = new PopAssignments(lease.instance, options);
  const all = [{ topic: 'T', brokerName: 'b', queueId: -1 }];
  assert.deepEqual(await assignments.of('T'), all);
  assert.deepEqual(await assignments.of('T'), all);
  assert.equal(server.count(RequestCode.SetMessageRequestMode), 1, 'it asks for it once');
  await lease.release();
});
