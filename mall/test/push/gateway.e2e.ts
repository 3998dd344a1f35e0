/** The push gateway with the real platform: pages that are cut, slow, not theirs, or too many. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Producer } from '@skylarkmq/client';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { type Mall, startMall } from '../../src/embedded/start-mall.ts';
import { HttpClient } from '../../src/shared/http/http-client.ts';
import { orderStatus } from '../../src/shared/messaging/events.ts';
import { eventually } from '../eventually.ts';
import { PATIENCE_MS } from '../patience.ts';
import { quietLogger } from '../quiet-logger.ts';

const ORIGIN = 'http://shop.example';
const Ticket = z.object({ ticket: z.string() });
const Sent = z.object({
  orderId: z.string().optional(),
  seq: z.number().optional(),
  error: z.string().optional(),
});

/** What a page has, over all its connections. */
class Page {
  readonly seqs: number[] = [];
  readonly errors: string[] = [];
  socket: WebSocket | undefined;

  get last(): number {
    return this.seqs.at(-1) ?? 0;
  }

  hear(text: string): void {
    const { error, seq } = Sent.parse(JSON.parse(text));
    if (seq !== undefined) this.seqs.push(seq);
    if (error !== undefined) this.errors.push(error);
  }
}

suite('push gateway', { timeout: 1_800_000 }, () => {
  let mall: Mall;
  let producer: Producer;
  let count = 0;
  const client = new HttpClient('mall-internal', PATIENCE_MS);

  before(async () => {
    mall = await startMall({
      services: ['push'],
      settings: { publicUrl: ORIGIN },
      logger: quietLogger,
    });
    await mall.ready();
    producer = new Producer({ namesrv: mall.deps.namesrv });
  });
  after(async () => {
    client.close();
    await producer.close();
    await mall.stop();
  });

  const push = () => mall.deps.urls.push;

  async function ticket(userId = 'u_1', role: 'customer' | 'staff' = 'customer'): Promise<string> {
    const call = { method: 'POST', url: `${push()}/ticket`, caller: { userId, role } } as const;
    return (await client.call({ ...call, output: Ticket })).ticket;
  }

  async function happen(orderId: string, events: number, detail = ''): Promise<void> {
    for (let index = 0; index < events; index++) {
      const event = {
        ...{ eventId: `e_${++count}`, orderId, userId: 'u_1', source: 'test' },
        ...{ type: 'retry' as const, atMs: Date.now(), detail },
      };
      await orderStatus.send(producer, event, { keys: orderId, shardingKey: orderId });
    }
  }

  /** Connects a page and subscribes behind what it has. */
  async function connect(
    page: Page,
    orderId: string,
    given?: string,
    gateway = push(),
  ): Promise<WebSocket> {
    const url = `${gateway.replace('http', 'ws')}/ws?ticket=${given ?? (await ticket())}`;
    const socket = new WebSocket(url, { origin: ORIGIN });
    page.socket = socket;
    // What a cut connection still delivers, no page hears: it has the next one.
    socket.on('message', (data) => {
      if (page.socket === socket) page.hear(data.toString());
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.send(JSON.stringify({ subscribe: orderId, afterSeq: page.last }));
    return socket;
  }

  const inOrder = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);

  test('a page that is cut again and again has every event once, in order', async () => {
    const pages = [new Page(), new Page()];
    for (const page of pages) await connect(page, 'o_cut');
    const happening = happen('o_cut', 60);
    for (let cut = 0; cut < 5; cut++) {
      for (const page of pages) {
        const goal = Math.min(page.last + 3, 60);
        await eventually(`event ${goal}`, () => page.last >= goal);
        page.socket?.terminate();
        await connect(page, 'o_cut');
      }
    }
    await happening;
    for (const page of pages) {
      await eventually('all events', () => page.last === 60);
      assert.deepEqual(page.seqs, inOrder(60));
      page.socket?.close();
    }
  });

  test('events on a stream, from where the page is', async () => {
    await happen('o_sse', 5);
    const page = new Page();
    const query = `ticket=${await ticket()}&orderId=o_sse&afterSeq=2`;
    const headers = { 'x-mall-internal': 'mall-internal' };
    const stop = new AbortController();
    const answer = await fetch(`${push()}/sse?${query}`, { headers, signal: stop.signal });
    assert.match(answer.headers.get('content-type') ?? '', /text\/event-stream/);
    const { body } = answer;
    assert.ok(body !== null);
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes('id: 5\n') && text.endsWith('\n\n')) break;
    }
    stop.abort();
    for (const line of text.split('\n')) if (line.startsWith('data: ')) page.hear(line.slice(6));
    assert.deepEqual(page.seqs, [3, 4, 5]);
    const again = await fetch(`${push()}/sse?${query}`, { headers });
    assert.equal(again.status, 401, 'a ticket is good once');
  });

  test('a page that does not read for long reads on later, without a gap', async () => {
    const page = new Page();
    const socket = await connect(page, 'o_slow');
    socket.pause();
    const detail = 'x'.repeat(500);
    for (let round = 0; round < 3; round++) {
      await Promise.all(inOrder(8).map(() => happen('o_slow', 50, detail)));
    }
    await eventually('all to be stored', async () => (await stored('o_slow', 1_190)).length === 10);
    // How much waits for a slow page at most is proved in feed.test.ts; here it loses nothing.
    socket.resume();
    await eventually('all events', async () => {
      // It has answered no ping meanwhile: when that was for too long, it was sent away.
      if (page.socket?.readyState === WebSocket.CLOSED) await connect(page, 'o_slow');
      return page.last === 1_200;
    });
    assert.deepEqual(page.seqs, inOrder(1_200));
    page.socket?.close();
  });

  test('other origins, no tickets, used tickets and orders of others are refused', async () => {
    const refused = async (url: string, origin: string | undefined): Promise<string> => {
      const options = origin === undefined ? {} : { origin };
      const socket = new WebSocket(`${push().replace('http', 'ws')}${url}`, options);
      return new Promise((resolve) => {
        socket.once('open', () => resolve('open'));
        socket.once('error', (error) => resolve(error.message));
      });
    };
    assert.match(await refused(`/ws?ticket=${await ticket()}`, 'http://evil.example'), /403/);
    assert.match(await refused(`/ws?ticket=${await ticket()}`, undefined), /403/);
    assert.match(await refused('/ws?ticket=guess', ORIGIN), /401/);
    assert.match(await refused('/other', ORIGIN), /404/);
    const used = await ticket();
    const first = await connect(new Page(), 'o_cut', used);
    assert.match(await refused(`/ws?ticket=${used}`, ORIGIN), /401/);
    first.close();
    const stranger = new Page();
    const theirs = await connect(stranger, 'o_cut', await ticket('u_2'));
    await eventually('a refusal', () => stranger.errors.length === 1);
    assert.deepEqual([stranger.errors, stranger.seqs], [['FORBIDDEN'], []]);
    const staff = new Page();
    const office = await connect(staff, 'o_cut', await ticket('u_3', 'staff'));
    await eventually('the events', () => staff.last === 60);
    theirs.close();
    office.close();
  });

  test('two gateways share the work, and a page moves from one to the other', async () => {
    const { database, namesrv } = mall.deps;
    const other = await startMall({
      ...{ namesrv, database, services: ['push'], logger: quietLogger },
      settings: { publicUrl: ORIGIN },
    });
    try {
      await other.ready();
      const orders = ['o_a', 'o_b', 'o_c', 'o_d', 'o_e', 'o_f'];
      const pages = new Map(orders.map((orderId) => [orderId, new Page()]));
      for (const [orderId, page] of pages) {
        await connect(page, orderId, await ticket(), other.deps.urls.push);
      }
      await Promise.all(orders.map((orderId) => happen(orderId, 10)));
      for (const page of pages.values()) await eventually('ten events', () => page.last === 10);
      // Its pages are sent away; a stop does not wait for them to leave.
      await other.stop();
      for (const [orderId, page] of pages) await connect(page, orderId);
      await Promise.all(orders.map((orderId) => happen(orderId, 10)));
      for (const page of pages.values()) {
        await eventually('twenty events', () => page.last === 20);
        assert.deepEqual(page.seqs, inOrder(20));
        page.socket?.close();
      }
    } finally {
      await other.stop();
    }
  });

  test('the same event twice is one, and nobody connects without being somebody', async () => {
    await happen('o_twice', 2);
    count -= 2;
    await happen('o_twice', 3);
    await eventually('three events', async () => (await stored('o_twice', 0)).length === 3);
    assert.deepEqual(await stored('o_twice', 0), [1, 2, 3]);
    const url = `${push()}/ticket`;
    const nobody = client.call({ method: 'POST', url, output: Ticket });
    await assert.rejects(nobody, { code: 'UNAUTHENTICATED' });
  });

  async function stored(orderId: string, afterSeq: number): Promise<number[]> {
    const url = `${push()}/internal/timelines/${orderId}?afterSeq=${afterSeq}`;
    const output = z.object({ timeline: z.array(z.object({ seq: z.number() })) });
    return (await client.call({ url, output })).timeline.map(({ seq }) => seq);
  }
});
