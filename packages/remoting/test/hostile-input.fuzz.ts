/** A real server under damaged streams: it serves others all the while, and does not grow. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { randomSeed } from '@skylarkmq/base';
import { mutatedBytes } from '@skylarkmq/testkit';
import { Serialization } from '@skylarkmq/wire';
import fc from 'fast-check';
import { RemotingClient } from '../src/index.ts';
import { frame, RawPeer, real, startServer, until } from './fixture.ts';

const seed = Number(process.env['SEED'] ?? randomSeed());
const CONNECTIONS = 600;
const GROWTH_BYTES_MAX = 16 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

function heapBytes(): number {
  if (typeof collectGarbage === 'function') collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test(`damaged streams over TCP (SEED=${seed})`, { timeout: 600_000 }, async () => {
  const { server, address, port } = await startServer();
  const client = new RemotingClient(real);
  const valid = fc
    .array(
      fc
        .tuple(
          fc.constantFrom(1, 2, 999),
          fc.nat({ max: 500 }),
          fc.constantFrom(Serialization.Json, Serialization.Binary),
        )
        .map(([code, bytes, form]) => frame(code, bytes, form)),
      { minLength: 1, maxLength: 5 },
    )
    .map((all) => Buffer.concat(all));
  const inputs = fc.sample(mutatedBytes(valid), { seed, numRuns: CONNECTIONS });
  let before = 0;
  for (const [index, bytes] of inputs.entries()) {
    const peer = await RawPeer.open(port);
    // Half of them end in an orderly way, the others stay until the server had its look.
    if (index % 2 === 0) peer.socket.end(bytes);
    else peer.send(bytes);
    const answer = await client.invoke(address, { code: 1 }, { timeoutMs: 60_000 });
    assert.equal(answer.code, 0);
    peer.socket.destroy();
    if (index === CONNECTIONS / 3) before = heapBytes();
  }
  await until(() => server.connectionCount === 1);
  const growth = heapBytes() - before;
  assert.ok(growth < GROWTH_BYTES_MAX, `the heap grew by ${growth} bytes`);
  await client.close();
  await server.close();
});
