/** Reads share one buffer: nobody may see in it what came for another. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomSeed } from '@skylarkmq/base';
import { type Command, encodeCommand, type Outgoing, Serialization } from '@skylarkmq/wire';
import { RawPeer, type Started, startServer, until } from './fixture.ts';

const KEEPS = 20;
const AWAITS = 21;
const LATER = 22;
const FORMS = [Serialization.Json, Serialization.Binary] as const;

let started: Started;
let seen: Command[] = [];
/** Lets the handlers that wait go on. */
let open: () => void = () => {};
let gate: Promise<void> = Promise.resolve();

function echo(command: Command, body = command.body): Outgoing {
  return { code: 0, ext: new Map(command.ext), body };
}

before(async () => {
  started = await startServer();
  const { server } = started;
  server.register(KEEPS, async (command) => {
    const { body } = command;
    seen.push(command);
    await gate;
    return echo(command, body);
  });
  const borrowsFrame = true;
  const waits = async (command: Command): Promise<Outgoing> => {
    seen.push(command);
    await gate;
    return echo(command);
  };
  server.register(AWAITS, waits, { borrowsFrame });
  const later = (command: Command): null => {
    seen.push(command);
    return null;
  };
  server.register(LATER, later, { borrowsFrame });
});

after(() => started.server.close());

function request(code: number, opaque: number, letter: string, form: Serialization): Buffer {
  const ext = new Map([['name', letter.repeat(40)]]);
  return encodeCommand({ code, opaque, ext, body: Buffer.alloc(900, letter) }, form);
}

for (const form of FORMS) {
  test(`a frame that is read later is not another's, form ${form}`, async () => {
    const one = await RawPeer.open(started.port);
    const other = await RawPeer.open(started.port);
    for (const code of [KEEPS, AWAITS, LATER]) {
      seen = [];
      one.received.length = 0;
      gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      one.send(Buffer.concat([request(code, 1, 'a', form), request(code, 2, 'b', form)]));
      await until(() => seen.length === 2);
      // Everything that is there now is written over by this one's bytes.
      other.received.length = 0;
      other.send(Buffer.concat(Array.from({ length: 9 }, (_, i) => request(1, i, 'z', form))));
      await until(() => other.received.length === 9);
      if (code === LATER) {
        for (const command of seen) {
          assert.equal(command.body, null);
          assert.equal(command.frame.length, 0);
          assert.equal(command.ext.size, 0);
        }
        continue;
      }
      open();
      await until(() => one.received.length === 2);
      for (const [index, letter] of ['a', 'b'].entries()) {
        const answer = one.received.find(({ opaque }) => opaque === index + 1);
        assert.equal(answer?.ext.get('name'), letter.repeat(40));
        assert.deepEqual(answer?.body, Buffer.alloc(900, letter));
      }
    }
    one.socket.destroy();
    other.socket.destroy();
  });
}

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`frames in pieces, on several connections, arrive whole (SEED=${seed})`, async () => {
  let state = seed;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % limit;
  };
  const peers = await Promise.all([1, 2, 3].map(() => RawPeer.open(started.port)));
  const bodies = peers.map((_, at) =>
    Array.from({ length: 12 }, (_, i) => Buffer.alloc(1 + below(90_000), at * 16 + i)),
  );
  const streams = bodies.map((list) =>
    Buffer.concat(
      list.map((body, opaque) => encodeCommand({ code: 1, opaque, body }, Serialization.Json)),
    ),
  );
  const sent = peers.map(() => 0);
  while (sent.some((bytes, at) => bytes < (streams[at]?.length ?? 0))) {
    const at = below(peers.length);
    const from = sent[at] ?? 0;
    const to = Math.min(from + 1 + below(60_000), streams[at]?.length ?? 0);
    peers[at]?.send(streams[at]?.subarray(from, to) ?? Buffer.alloc(0));
    sent[at] = to;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  for (const [at, peer] of peers.entries()) {
    await until(() => peer.received.length === 12 || peer.closed);
    const received = peer.received.map(({ body }) => body);
    const same = received.every((body, i) => bodies[at]?.[i]?.equals(body ?? Buffer.alloc(0)));
    assert.ok(same && received.length === 12, `connection ${at}, seed ${seed}`);
    peer.socket.destroy();
  }
});

test('a peer that ends, and one that is cut off, are gone', async () => {
  const ends = await RawPeer.open(started.port);
  ends.send(request(1, 1, 'e', Serialization.Json));
  await until(() => ends.received.length === 1);
  ends.socket.end();
  await until(() => ends.closed);
  const resets = await RawPeer.open(started.port);
  resets.send(request(1, 1, 'r', Serialization.Json));
  await until(() => resets.received.length === 1);
  resets.socket.resetAndDestroy();
  await until(() => started.server.connectionCount === 0);
});
