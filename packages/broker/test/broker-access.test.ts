import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { deferred } from '@skylarkmq/base';
import {
  type Command,
  encodeCommand,
  FrameDecoder,
  RequestCode,
  Serialization,
} from '@skylarkmq/wire';
import { startAdminBroker } from './admin-broker.ts';

/** An address of this machine that is not loopback; the machine may have none. */
const OTHER_ADDRESS = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

const skip = OTHER_ADDRESS === undefined ? 'this machine has no other address' : false;

/** Asks from `OTHER_ADDRESS`; to the broker that is not its own address. */
async function askFromElsewhere(port: number, code: number): Promise<Command> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: OTHER_ADDRESS ?? '' });
  const answer = deferred<Command>();
  const decoder = new FrameDecoder();
  socket.on('error', (error) => answer.reject(error));
  socket.on('data', (chunk: Buffer) => {
    decoder.push(chunk);
    const command = decoder.next();
    if (command !== null) answer.resolve(command);
  });
  const request = { code, opaque: 1, body: Buffer.from('regionId=x') };
  socket.write(encodeCommand(request, Serialization.Json));
  try {
    return await answer.promise;
  } finally {
    socket.destroy();
  }
}

test('changes are taken from this machine only, questions from everywhere', { skip }, async (t) => {
  const running = await startAdminBroker(t);
  const { port } = running.broker;
  const refused = await askFromElsewhere(port, RequestCode.UpdateBrokerConfig);
  assert.equal(refused.code, 16);
  assert.match(
    refused.remark ?? '',
    /^UpdateBrokerConfig \(25\) changes the server .* adminFromAnywhere=true$/,
  );
  const config = await askFromElsewhere(port, RequestCode.GetBrokerConfig);
  assert.match(config.body?.toString() ?? '', /^regionId=DefaultRegion$/m);
});

test('with adminFromAnywhere changes are taken from everywhere', { skip }, async (t) => {
  const running = await startAdminBroker(t, { settings: { adminFromAnywhere: true } });
  const { port } = running.broker;
  assert.equal((await askFromElsewhere(port, RequestCode.UpdateBrokerConfig)).code, 0);
  const config = await askFromElsewhere(port, RequestCode.GetBrokerConfig);
  assert.match(config.body?.toString() ?? '', /^regionId=x$/m);
});
