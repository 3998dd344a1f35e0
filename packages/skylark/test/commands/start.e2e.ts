import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Admin, Producer, PullConsumer } from '@skylarkmq/client';
import { FREE_PORTS, runSkylark, Skylark, TemporaryFolder } from '../run-skylark.ts';

/** A machine under load answers late, and its disk flushes late. */
const SLOW = { requestTimeoutMs: 60_000, sendTimeoutMs: 60_000 };

async function send(namesrv: string, topic: string, bodies: readonly string[]): Promise<void> {
  await using producer = new Producer({ namesrv, ...SLOW });
  for (const body of bodies) {
    const { status } = await producer.send({ topic, body });
    assert.equal(status, 'ok');
  }
}

/** Bodies of `count` messages of a topic from its beginning, sorted. */
async function receive(namesrv: string, topic: string, count: number): Promise<string[]> {
  await using consumer = new PullConsumer({
    ...{ namesrv, ...SLOW },
    group: 'e2e-readers',
    subscriptions: topic,
    consumeFrom: 'first',
  });
  const bodies: string[] = [];
  for await (const message of consumer.messages()) {
    bodies.push(message.text());
    if (bodies.length === count) break;
  }
  return bodies.sort();
}

test('the banner is for people: addresses, pid, durability, and a command that works', async () => {
  using folder = new TemporaryFolder();
  const args = ['start', '--namesrv-port', '0', '--broker-port', '0'];
  await using skylark = new Skylark(args, folder.path);
  const next = await skylark.until(() => /^ {2}try +(.*)\n/m.exec(skylark.stdout)?.[1], 'ready');
  assert.match(skylark.stdout, new RegExp(`pid ${skylark.child.pid}`));
  assert.match(skylark.stdout, /SYNC_FLUSH/);
  assert.ok(existsSync(join(folder.path, 'data/store/commitlog')));
  const tried = await runSkylark(next.split(' ').slice(2), folder.path);
  assert.equal(tried.code, 0, tried.stderr);
  assert.match(tried.stdout, /^Sent to skylark-try: .* ok .*\nReceived: hello /);
});

test('--json prints one line; SIGTERM drains, flushes, and ends with 0', async () => {
  using folder = new TemporaryFolder();
  await using skylark = new Skylark(['start', ...FREE_PORTS], folder.path);
  const ready = await skylark.ready();
  assert.equal(ready.ready, true);
  assert.equal(ready.pid, skylark.child.pid);
  assert.equal(ready.flush, 'sync');
  assert.equal(ready.data, join(folder.path, 'data'));
  assert.equal(ready.broker, ready.brokers[0]?.address);
  assert.equal(ready.brokers[0]?.recovery, null);
  assert.equal(skylark.stdout.split('\n').length, 2);
  const ended = await skylark.stop();
  assert.deepEqual([ended.code, ended.signal, ended.stderr], [0, null, '']);
  assert.ok(!existsSync(join(folder.path, 'data/store/abort')), 'the stop was clean');
});

test('what was acknowledged is there after SIGTERM and after SIGKILL', async () => {
  using folder = new TemporaryFolder();
  const bodies = Array.from({ length: 20 }, (_, index) => `message ${100 + index}`);
  {
    await using skylark = new Skylark(['start', ...FREE_PORTS], folder.path);
    const { namesrv } = await skylark.ready();
    await send(namesrv, 'kept', bodies.slice(0, 10));
    await skylark.stop();
  }
  {
    await using skylark = new Skylark(['start', ...FREE_PORTS], folder.path);
    const { namesrv, brokers } = await skylark.ready();
    assert.equal(brokers[0]?.recovery, null);
    await send(namesrv, 'kept', bodies.slice(10));
    skylark.child.kill('SIGKILL');
    await skylark.ended;
  }
  await using skylark = new Skylark(['start', ...FREE_PORTS], folder.path);
  const { namesrv, brokers } = await skylark.ready();
  assert.match(brokers[0]?.recovery ?? '', /^the last stop was not clean/);
  assert.deepEqual(await receive(namesrv, 'kept', 20), bodies);
});

test('--memory says that nothing is durable and touches no disk', async () => {
  using folder = new TemporaryFolder();
  await using skylark = new Skylark(['start', ...FREE_PORTS, '--memory'], folder.path);
  const { namesrv, data, flush } = await skylark.ready();
  assert.deepEqual([data, flush], [null, 'none']);
  await send(namesrv, 'gone', ['a', 'b']);
  assert.deepEqual(await receive(namesrv, 'gone', 2), ['a', 'b']);
  assert.equal((await skylark.stop()).code, 0);
  assert.ok(!existsSync(join(folder.path, 'data')));
});

test('--shards: brokers with names, stores and ports of their own, all of them used', async () => {
  using folder = new TemporaryFolder();
  {
    await using skylark = new Skylark(['start', ...FREE_PORTS, '--shards', '3'], folder.path);
    const { namesrv, brokers } = await skylark.ready();
    const names = brokers.map(({ name }) => name);
    assert.deepEqual(names, ['broker-a-0', 'broker-a-1', 'broker-a-2']);
    assert.equal(new Set(brokers.map(({ address }) => address)).size, 3);
    // Made by a send, it would be only where messages were sent before a slow route came.
    await using admin = new Admin({ namesrv, ...SLOW });
    await admin.createTopic({ topic: 'spread' });
    await using producer = new Producer({ namesrv, ...SLOW });
    const used = new Set<string>();
    for (let index = 0; index < 40; index++) {
      const { queue } = await producer.send({ topic: 'spread', body: `${index}` });
      used.add(queue.brokerName);
    }
    assert.equal(used.size, 3);
    assert.equal((await receive(namesrv, 'spread', 40)).length, 40);
    assert.equal((await skylark.stop()).code, 0);
  }
  for (const store of ['store', 'store-1', 'store-2']) {
    assert.ok(!existsSync(join(folder.path, 'data', store, 'abort')), store);
    assert.ok(existsSync(join(folder.path, 'data', store, 'commitlog')), store);
  }
});

test('a port in use is one line, and what was started before is closed', async () => {
  using folder = new TemporaryFolder();
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const address = blocker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const args = ['start', '--namesrv-port', '0', '--broker-port', String(port), '--json'];
    const ended = await runSkylark(args, folder.path);
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /^skylark: Port 127\.0\.0\.1:\d+ is in use[^\n]*\n$/);
    assert.equal(ended.stdout, '');
    // The store was closed: the next start finds it clean.
    await using skylark = new Skylark(['start', ...FREE_PORTS], folder.path);
    assert.equal((await skylark.ready()).brokers[0]?.recovery, null);
  } finally {
    blocker.close();
  }
});

test('a directory that cannot be written is one line', async () => {
  using folder = new TemporaryFolder();
  writeFileSync(join(folder.path, 'file'), '');
  const ended = await runSkylark(['start', ...FREE_PORTS, '--data', 'file/data'], folder.path);
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /^skylark: Cannot write to the directory [^\n]*file\/data: [^\n]*\n$/);
});

test('a store that another process has open is one line that names the process', async () => {
  using folder = new TemporaryFolder();
  await using first = new Skylark(['start', ...FREE_PORTS], folder.path);
  await first.ready();
  const second = await runSkylark(['start', ...FREE_PORTS], folder.path);
  assert.equal(second.code, 1);
  assert.match(
    second.stderr,
    new RegExp(`^skylark: The store .* in use by process ${first.child.pid} .*\n$`),
  );
});

test('bad flags and commands are one line and status 2', async () => {
  using folder = new TemporaryFolder();
  const cases: readonly [readonly string[], RegExp][] = [
    [['start', '--flsh', 'sync'], /no flag --flsh: did you mean --flush\?/],
    [['start', '--flush', 'never'], /--flush must be sync or async, not "never"/],
    [['start', '--broker-port', '70000'], /--broker-port must be an integer from 0 to 65535/],
    [['start', '--shards', '0'], /--shards must be an integer from 1 to 64/],
    [['start', '--memory', '--data', 'x'], /--data has no meaning/],
    [['start', '--bind', 'nowhere'], /--bind must be/],
    [['start', '--tls-cert', 'x.pem'], /go together/],
    [['strat'], /no command strat: did you mean start\?/],
  ];
  for (const [args, message] of cases) {
    const ended = await runSkylark(args, folder.path);
    assert.equal(ended.code, 2, args.join(' '));
    assert.match(ended.stderr, message);
    assert.match(ended.stderr, /^skylark: [^\n]*\n$/);
  }
  assert.ok(!existsSync(join(folder.path, 'data')));
});

test('--help and --version answer on the standard output', async () => {
  using folder = new TemporaryFolder();
  for (const command of ['start', 'namesrv', 'broker', 'try']) {
    const ended = await runSkylark([command, '--help'], folder.path);
    assert.equal(ended.code, 0);
    assert.match(ended.stdout, new RegExp(`^Usage: skylark ${command} `));
    for (const line of ended.stdout.split('\n')) assert.ok(line.length <= 100, line);
  }
  assert.match((await runSkylark(['--help'], folder.path)).stdout, /^Usage: skylark COMMAND/);
  assert.match((await runSkylark(['--version'], folder.path)).stdout, /^skylark \d+\.\d+\.\d+\n$/);
});

test('the log goes to the error output, at the level that was asked for', async () => {
  using folder = new TemporaryFolder();
  mkdirSync(join(folder.path, 'data/store/config'), { recursive: true });
  writeFileSync(join(folder.path, 'data/store/config/topics.json'), '{ nonsense');
  writeFileSync(join(folder.path, 'data/store/config/topics.json.bak'), '{}');
  await using skylark = new Skylark(['start', ...FREE_PORTS], folder.path);
  await skylark.ready();
  await skylark.stop();
  const [line = ''] = skylark.stderr.split('\n');
  assert.match(JSON.parse(line).message, /not readable/);
  await using silent = new Skylark(['start', ...FREE_PORTS, '--log-level', 'info'], folder.path);
  await silent.ready();
  await silent.stop();
  for (const one of silent.stderr.split('\n').slice(0, -1)) assert.ok(JSON.parse(one).level);
  assert.ok(readFileSync(join(folder.path, 'data/store/config/topics.json')).length > 20);
});

test('tables that cannot be read stop the start: nothing of them is overwritten', async () => {
  using folder = new TemporaryFolder();
  mkdirSync(join(folder.path, 'data/store/config'), { recursive: true });
  const path = join(folder.path, 'data/store/config/topics.json');
  writeFileSync(path, '{ nonsense');
  await using skylark = new Skylark(['start', ...FREE_PORTS], folder.path);
  await assert.rejects(skylark.ready());
  assert.match(skylark.stderr, /Neither .*topics\.json nor its \.bak can be read .*: restore one/);
  assert.equal(readFileSync(path, 'utf8'), '{ nonsense');
});
