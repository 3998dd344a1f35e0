/**
 * npm run bench:start: from exec to the first message sent and received, the CPU spent until then,
 * resident memory idle and after five million messages, idle CPU, and a start with 40,000 queues.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { raw, spread } from './measure.ts';
import { benchHome, type Server, startApache, startSkylark } from './servers.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    messages: { type: 'string', default: '5000000' },
    apache: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Start {
  readonly firstMessageMs: number;
  readonly cpuSeconds: number;
}

const ports: [number, number] = [19676, 20611];

/** User plus system time of the processes, from /proc, in seconds. */
function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / 100;
  }, 0);
}

function residentMb(pids: readonly number[], field: 'VmRSS' | 'RssAnon'): number {
  return pids.reduce((sum, pid) => {
    const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`${field}:\\s+(\\d+)`));
    return sum + Number(line?.[1] ?? 0) / 1024;
  }, 0);
}

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
  print('npm run bench:start -- [--runs 5] [--messages 5000000] [--apache]');
} else {
  await measure('Skylark', () => startSkylark('async', ports));
  if (values.apache) await measure('Apache', async () => startApache('async', ports));
}
