/**
 * npm run bench:start: from exec to the first message sent and received, the CPU spent until then,
 * resident memory idle and after five million messages, idle CPU, and a start with 40,000 queues.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Admin, Producer } from '@skylarkmq/client';
import { raw, spread } from './measure.ts';
import { cpuSeconds, residentMb } from './processes.ts';
import {
  benchHome,
  type Server,
  startApache,
  startSkylark,
  temporaryDirectory,
} from './servers.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    messages: { type: 'string', default: '5000000' },
    topics: { type: 'string', default: '10000' },
    apache: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Start {
  readonly firstMessageMs: number;
  readonly cpuSeconds: number;
}

const ports: [number, number] = [19676, 20611];

function probe(since: number): number {
  const flags = ['-mode', 'probe', '-ns', `127.0.0.1:${ports[0]}`, '-t0', String(since * 1e6)];
  const text = execFileSync(join(benchHome(), 'bin/raw'), flags, { encoding: 'utf8' });
  const answer: { first_recv_ms: number } = JSON.parse(text);
  return answer.first_recv_ms;
}

async function startOnce(start: () => Promise<Server>): Promise<[Server, Start]> {
  const since = Date.now();
  const server = await start();
  const firstMessageMs = probe(since);
  return [server, { firstMessageMs, cpuSeconds: cpuSeconds(server.pids) }];
}

async function measure(name: string, start: () => Promise<Server>): Promise<void> {
  const starts: Start[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const [server, one] = await startOnce(start);
    starts.push(one);
    await server.stop();
  }
  const wall = spread(starts.map((one) => one.firstMessageMs));
  const cpu = spread(starts.map((one) => one.cpuSeconds));
  print(`${name}: exec to first message received ${wall.min} / ${wall.median} / ${wall.max} ms`);
  print(`${name}: CPU until then ${cpu.min} / ${cpu.median} / ${cpu.max} s (name server + broker)`);
  const [server] = await startOnce(start);
  await delay(5000);
  const before = cpuSeconds(server.pids);
  await delay(10_000);
  const idle = (cpuSeconds(server.pids) - before) * 10;
  print(`${name}: idle CPU ${idle.toFixed(2)} % of a core`);
  print(`${name}: resident idle ${residentMb(server.pids, 'VmRSS').toFixed(0)} MB`);
  load(server, Number(values.messages));
  const total = residentMb(server.pids, 'VmRSS').toFixed(0);
  const anonymous = residentMb(server.pids, 'RssAnon').toFixed(0);
  print(`${name}: resident after ${values.messages} messages ${total} MB (${anonymous} anonymous)`);
  await server.stop();
}

/** A start after a clean stop with many topics of 4 queues, and what a message costs over all. */
async function manyTopics(count: number): Promise<void> {
  const directory = temporaryDirectory('topics');
  try {
    const server = await startSkylark('async', ports, directory);
    const topics = Array.from({ length: count }, (_, index) => `topic-${index}`);
    await fill(server, topics);
    const one = await costPerMessage(server, topics.slice(0, 1));
    const all = await costPerMessage(server, topics);
    print(
      `Skylark: ${one.toFixed(1)} us CPU a message to one topic, ${all.toFixed(1)} us to ${count}`,
    );
    await server.stop();
    const [again, { firstMessageMs, cpuSeconds: cpu }] = await startOnce(() =>
      startSkylark('async', ports, directory),
    );
    print(`Skylark: start with ${count} topics x 4 queues ${firstMessageMs} ms, ${cpu} s of CPU`);
    await again.stop();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Makes the topics and puts 10 messages into each of their queues. */
async function fill({ namesrv }: Server, topics: readonly string[]): Promise<void> {
  await using admin = new Admin({ namesrv });
  await using producer = new Producer({ namesrv });
  await each(topics, async (topic) => {
    await admin.createTopic({ topic, queues: 4 });
    const batch = Array.from({ length: 10 }, (_, index) => ({ topic, body: `message ${index}` }));
    for (const queue of await admin.queues(topic)) await producer.sendBatch(batch, { queue });
  });
}

/** CPU microseconds of the server per message of 1 KiB, sent in turn to the topics' queues. */
async function costPerMessage(server: Server, topics: readonly string[]): Promise<number> {
  await using producer = new Producer({ namesrv: server.namesrv });
  const body = 'x'.repeat(1024);
  const rounds = Array.from({ length: COST_MESSAGES }, (_, index) => index);
  const send = async (index: number): Promise<void> => {
    await producer.send({ topic: topics[index % topics.length] ?? '', body });
  };
  // Routes are looked up once for each topic, before it counts.
  await each(rounds.slice(0, topics.length), send);
  const before = cpuSeconds(server.pids);
  await each(rounds, send);
  return ((cpuSeconds(server.pids) - before) * 1e6) / COST_MESSAGES;
}

const COST_MESSAGES = 60_000;
const AT_A_TIME = 64;

/** Works through a list, some at a time. */
async function each<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) await work(item);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

function load(server: Server, messages: number): void {
  let sent = 0;
  while (sent < messages) {
    const flags = ['-mode', 'send', '-ser', 'json', '-conns', '4', '-inflight', '32'];
    sent += raw(server, [...flags, '-warm', '0', '-dur', '10', '-quiet', '0']).msgs;
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (values.help) {
  print('npm run bench:start -- [--runs 5] [--messages 5000000] [--topics 10000] [--apache]');
} else {
  await measure('Skylark', () => startSkylark('async', ports));
  await manyTopics(Number(values.topics));
  if (values.apache) await measure('Apache', async () => startApache('async', ports));
}
