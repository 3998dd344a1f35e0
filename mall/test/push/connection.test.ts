import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { CONNECTION_TIMEOUT_MS, Connection } from '../../src/push/connection.ts';
import { CONNECTIONS_PER_VISITOR_MAX, Connections } from '../../src/push/connections.ts';
import { isOwnOrigin } from '../../src/push/origin.ts';
import { quietLogger } from '../quiet-logger.ts';

class Scene {
  nowMs = 1_000_000;
  readonly sent: string[] = [];
  readonly ends: number[] = [];
  readonly connection: Connection;
  pings = 0;
  isReading = true;
  seqMax = 2;

  constructor(isAnswering = true) {
    this.connection = new Connection({
      carrier: {
        send: (text, done) => {
          this.sent.push(text);
          if (this.isReading) done();
        },
        ping: () => {
          this.pings++;
        },
        end: (code) => this.ends.push(code),
      },
      visitor: { userId: 'u_1', isStaff: false },
      timelines: {
        read: async (_orderId, afterSeq, max) =>
          Array.from({ length: Math.min(max, this.seqMax - afterSeq) }, (_, index) => ({
            ...{ seq: afterSeq + index + 1, userId: 'u_1', json: `"${'x'.repeat(10_000)}"` },
          })),
        lastSeq: async () => this.seqMax,
      },
      clock: { nowMs: () => this.nowMs },
      logger: quietLogger,
      isAnswering,
    });
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 20; round++) await setImmediate();
  }
}

suite('connection', () => {
  test('subscribes, unsubscribes, and is ended by what is no message', async () => {
    const scene = new Scene();
    await scene.connection.received('{"subscribe":"o_1","afterSeq":1}');
    await scene.settle();
    assert.match(scene.sent[0] ?? '', /^\{"orderId":"o_1","seq":2,"event":/);
    await scene.connection.received('{"unsubscribe":"o_1"}');
    await scene.connection.received('{"pong":true}');
    assert.deepEqual(scene.connection.feed.orders, []);
    assert.deepEqual(scene.ends, []);
    for (const text of ['{', '{}', '{"subscribe":"../x"}', '{"subscribe":"o_1","afterSeq":-1}']) {
      await scene.connection.received(text);
    }
    assert.deepEqual(scene.ends, [1008, 1008, 1008, 1008]);
  });

  test('pings, and ends who gives no sign of life', () => {
    const scene = new Scene();
    scene.connection.tick();
    assert.equal(scene.pings, 1);
    assert.deepEqual(scene.sent, [`{"ping":${scene.nowMs}}`]);
    scene.nowMs += CONNECTION_TIMEOUT_MS;
    scene.connection.alive();
    scene.nowMs += CONNECTION_TIMEOUT_MS;
    scene.connection.tick();
    assert.deepEqual(scene.ends, []);
    scene.nowMs += 1;
    scene.connection.tick();
    assert.deepEqual(scene.ends, [1008]);
    const stream = new Scene(false);
    stream.nowMs += 10 * CONNECTION_TIMEOUT_MS;
    stream.connection.tick();
    assert.deepEqual(stream.ends, [], 'who reads a stream cannot answer');
  });

  test('ends who takes nothing of what waits, and sends no pings on top of it', async () => {
    const scene = new Scene(false);
    scene.isReading = false;
    scene.seqMax = 1_000;
    await scene.connection.received('{"subscribe":"o_1"}');
    await scene.settle();
    scene.connection.tick();
    const { length } = scene.sent;
    scene.nowMs += CONNECTION_TIMEOUT_MS;
    scene.connection.tick();
    assert.deepEqual(scene.ends, []);
    assert.equal(scene.sent.length, length);
    scene.nowMs += 1;
    scene.connection.tick();
    assert.deepEqual(scene.ends, [1013]);
  });

  test('a visitor has so many connections, and orders are told to those who watch', async () => {
    const connections = new Connections();
    const scenes = Array.from({ length: CONNECTIONS_PER_VISITOR_MAX }, () => new Scene());
    for (const { connection } of scenes) assert.ok(connections.add(connection, 'u_1'));
    assert.equal(connections.add(new Scene().connection, 'u_1'), false);
    assert.ok(connections.add(new Scene().connection, 'u_2'));
    const [first] = scenes;
    assert.ok(first !== undefined);
    await first.connection.received('{"subscribe":"o_1","afterSeq":2}');
    first.seqMax = 3;
    connections.notify('o_1');
    await first.settle();
    assert.equal(first.sent.length, 1);
    assert.deepEqual([...connections.watched()], [['o_1', 3]]);
    connections.tick();
    assert.equal(first.pings, 1);
    connections.remove(first.connection);
    assert.equal(connections.size, CONNECTIONS_PER_VISITOR_MAX);
    assert.ok(connections.add(new Scene().connection, 'u_1'));
  });

  test('pages of other sites are not believed', () => {
    assert.ok(isOwnOrigin('https://shop.example', 'shop.example', []));
    assert.ok(isOwnOrigin('http://127.0.0.1:3000', '127.0.0.1:3000', []));
    assert.ok(isOwnOrigin('https://shop.example', 'push:80', ['https://shop.example']));
    for (const origin of [undefined, 'null', 'https://evil.example', 'file://shop.example', 'x']) {
      assert.equal(isOwnOrigin(origin, 'shop.example', ['https://shop.example']), false);
    }
    assert.equal(isOwnOrigin('https://shop.example', undefined, []), false);
  });
});
