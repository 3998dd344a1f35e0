/**
 * npm run bench: Skylark beside Apache RocketMQ 5.5.0 (and NATS, Redis, PostgreSQL), in pairs that
 * alternate, each server warm, the other one stopped; prints Markdown tables of medians and ratios.
 */
import { parseArgs } from 'node:util';
import { type Figures, machine, peerFigures, raw, type Spread, spread } from './measure.ts';
import { type Scenario, type Seconds, scenarios } from './scenarios.ts';
import {
  type Flush,
  type Peer,
  pause,
  resume,
  type Server,
  startApache,
  startNats,
  startPostgres,
  startRedis,
  startSkylark,
} from './servers.ts';

const help = `npm run bench -- [options]
  --pairs N      measured pairs a scenario, alternating A B A B (default 3)
  --warm S       seconds of warm-up before each measurement (default 2)
  --seconds S    measured seconds (default 5)
  --only LIST    scenario names, comma separated: ${scenarios.map((one) => one.name).join(', ')}
  --peers        also NATS JetStream, Redis Streams and a PostgreSQL table
  --no-apache    Skylark alone (no ratios)
Needs Java 17, Maven and Go for the generators; --peers also redis-server and PostgreSQL.`;

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '3' },
    warm: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string' },
    peers: { type: 'boolean', default: false },
    'no-apache': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** A JVM is only warm after some 500,000 messages. */
const jvmWarmUp = ['-mode', 'send', '-conns', '4', '-inflight', '32', '-warm', '18', '-dur', '1'];
const brokerPorts = { skylark: 20811, apache: 20911 };
const namesrvPorts = { skylark: 19776, apache: 19876 };

async function main(): Promise<void> {
  if (values.help) return print(help);
  const wanted = values.only?.split(',');
  const chosen = scenarios.filter((one) => wanted === undefined || wanted.includes(one.name));
  if (chosen.length === 0 && !values.peers) {
    throw new Error(`No scenario matches --only ${values.only}`);
  }
  print(`Machine: ${machine()}\n`);
  print('| scenario | Skylark | Apache 5.5.0 | ratio | target |\n|---|---|---|---|---|');
  for (const flush of ['async', 'sync'] as const) {
    const group = chosen.filter((one) => one.flush === flush && one.fresh === undefined);
    if (group.length > 0) await measureGroup(group, flush);
  }
  for (const one of chosen) {
    if (one.fresh !== undefined) await measureGroup([one], one.flush, one.fresh.apacheLines);
  }
  if (values.peers) await measurePeers();
}

async function measureGroup(
  group: readonly Scenario[],
  flush: Flush,
  apacheLines: readonly string[] = [],
): Promise<void> {
  const servers: Server[] = [];
  try {
    servers.push(await startSkylark(flush, [namesrvPorts.skylark, brokerPorts.skylark]));
    if (!values['no-apache']) {
      const apache = startApache(flush, [namesrvPorts.apache, brokerPorts.apache], apacheLines);
      servers.push(apache);
      raw(apache, [...jvmWarmUp, '-ser', 'json', '-quiet', '0']);
    }
    for (const server of servers) pause(server);
    for (const scenario of group) printRow(scenario, measurePairs(scenario, servers));
  } finally {
    for (const server of servers) await server.stop();
  }
}

function measurePairs(scenario: Scenario, servers: readonly Server[]): Figures[][] {
  const seconds: Seconds = { warm: Number(values.warm), run: Number(values.seconds) };
  const results: Figures[][] = servers.map(() => []);
  for (const server of servers) alone(server, () => scenario.prepare?.(server));
  for (let pair = 0; pair < Number(values.pairs); pair++) {
    for (const [index, server] of servers.entries()) {
      alone(server, () => results[index]?.push(scenario.measure(server, seconds)));
    }
  }
  return results;
}

function alone(server: Server, work: () => void): void {
  resume(server);
  work();
  pause(server);
}

function printRow(scenario: Scenario, results: readonly Figures[][]): void {
  const [ours = [], theirs = []] = results;
  const costs = scenario.quote === 'latency' ? [] : costCells(ours, theirs);
  const latencies = scenario.quote === 'cost' ? [] : latencyCells(ours, theirs);
  const cells = [0, 1, 2].map((at) =>
    [costs[at], latencies[at]].filter((cell) => cell !== undefined).join('; '),
  );
  print(`| ${[scenario.title, ...cells, scenario.target].join(' | ')} |`);
  const load = ours.at(-1)?.loadavg ?? '?';
  const errors = [...ours, ...theirs].reduce((sum, one) => sum + (one.errors ?? 0), 0);
  console.error(`${scenario.name}: load ${load}, errors ${errors}`);
}

function costCells(ours: readonly Figures[], theirs: readonly Figures[]): string[] {
  const cost = (of: readonly Figures[]): Spread => spread(of.map((x) => x.broker_cpu_us_msg ?? 0));
  const rate = (of: readonly Figures[]): Spread => spread(of.map((x) => x.rate));
  const cell = (of: readonly Figures[]): string =>
    of.length === 0 ? '-' : `${show(cost(of))} us; ${show(rate(of))} / s`;
  const costs = ratio(ours, theirs, (x) => x.broker_cpu_us_msg ?? 0);
  const rates = ratio(ours, theirs, (x) => x.rate);
  return [cell(ours), cell(theirs), `CPU ${costs}; rate ${rates}`];
}

function latencyCells(ours: readonly Figures[], theirs: readonly Figures[]): string[] {
  const p50 = (of: readonly Figures[]): Spread => spread(of.map((x) => x.p50us ?? 0));
  const p99 = (of: readonly Figures[]): Spread => spread(of.map((x) => x.p99us ?? 0));
  const cell = (of: readonly Figures[]): string =>
    of.length === 0 ? '-' : `p50 ${show(p50(of))}, p99 ${show(p99(of))} us`;
  const middle = ratio(ours, theirs, (x) => x.p50us ?? 0);
  const high = ratio(ours, theirs, (x) => x.p99us ?? 0);
  return [cell(ours), cell(theirs), `p50 ${middle}; p99 ${high}`];
}

/** Skylark / Apache, pair by pair: min / median / max. */
function ratio(
  ours: readonly Figures[],
  theirs: readonly Figures[],
  of: (figures: Figures) => number,
): string {
  const pairs = ours.flatMap((our, index) => {
    const their = theirs[index];
    return their === undefined ? [] : [of(our) / of(their)];
  });
  return pairs.length === 0 ? '-' : show(spread(pairs));
}

function show(value: Spread): string {
  return [value.min, value.median, value.max].map(short).join(' / ');
}

function short(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

async function measurePeers(): Promise<void> {
  print('\n| peer | mode | CPU us / message | rate / s | p50 / p99 us |\n|---|---|---|---|---|');
  const starts: (() => Promise<Peer>)[] = [
    () => startNats(20711),
    () => startRedis(20712, 'everysec'),
    () => startRedis(20713, 'always'),
    () => startPostgres(20714, 'async'),
    () => startPostgres(20715, 'sync'),
  ];
  for (const start of starts) {
    const peer = await start();
    try {
      const flags = ['-warm', String(values.warm), '-dur', String(values.seconds)];
      const modes = ['sync:1', 'sync:16', 'async:256', 'drain:100000'];
      for (const one of peerFigures(peer, flags, modes)) {
        const cells = [peer.label, one.mode, one.broker_cpu_us_msg, one.rate.toLocaleString('en')];
        print(`| ${[...cells, `${one.p50us ?? '-'} / ${one.p99us ?? '-'}`].join(' | ')} |`);
      }
    } finally {
      await peer.stop();
    }
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
