/**
 * Records the traffic between the official Java clients and a real Apache RocketMQ 5.5.0 into
 * golden/traffic-*.txt: npx tsx conformance/traffic/record.ts [KIND ...]. Run by hand when a
 * client, a server or the list of scenarios is a new one; with kinds, what they show is added. A
 * proxy stands at 127.0.0.2; the servers, at 127.0.0.1, tell everybody that they are there.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApacheBroker, startApacheNamesrv } from '../servers/apache.ts';
import { type JavaVersion, runJava } from '../servers/official-client.ts';
import { freePort } from '../servers/ports.ts';
import { type SeenFrame, startProxy } from './recording-proxy.ts';
import { readTraffic, TrafficRecord } from './traffic-file.ts';

const HOST = '127.0.0.1';
const PROXY_HOST = '127.0.0.2';
const BROKER_SETTINGS = [
  ...['recallMessageEnable=true', 'traceTopicEnable=true', 'enableLmq=true'],
  ...['enableMultiDispatch=true', 'transactionTimeOut=1000', 'transactionCheckInterval=1000'],
  ...['transactionCheckMax=3', 'transactionOpMsgMaxSize=1', 'transactionOpBatchInterval=600000'],
];

/** By kind of message, the scenarios that show it (conformance/java). */
const KINDS: readonly (readonly [string, readonly string[]])[] = [
  ['send', ['create-topic', 'sync', 'async', 'refusals', 'compressed-bodies']],
  ['batch', ['batch']],
  ['one-way', ['oneway']],
  ['order', ['ordered-send', 'push-orderly']],
  ['delay', ['delay-levels']],
  ['timer', ['timers', 'timer-limits']],
  ['transaction', ['transaction-outcome', 'transaction-check']],
  ['request', ['request-reply', 'request-timeout', 'reply-to-nobody']],
  ['trace', ['trace']],
  ['pull', ['lite-pull-assign', 'lite-pull-subscribe', 'offsets-by-time', 'query-by-key-and-id']],
  ['push', ['push-clustering', 'push-broadcasting', 'push-tags', 'push-resume']],
  ['retry', ['retry-dead-letter', 'orderly-dead-letter']],
  ['sql', ['sql-push', 'sql-lite-pull', 'sql-refused']],
  ['namespace', ['namespace-prefix', 'namespace-fields']],
];
/** What only the newer client can do. */
const NEWER_KINDS: readonly (readonly [string, readonly string[]])[] = [
  ['recall', ['timer-recall']],
  ['pop', ['pop-push', 'pop-ack', 'pop-change-invisible', 'pop-batch-ack', 'pop-order']],
  ['pop', ['pop-long-poll', 'pop-tags', 'pop-assignment']],
  ['lite', ['lite-topics', 'priority-queues']],
];

const only = process.argv.slice(2);
const record = new TrafficRecord(only.length > 0 ? readTraffic() : []);
let kind = 'start';
let version: JavaVersion = '5.5.0';
const seen = (frame: SeenFrame): void => record.add(kind, version, frame);

async function recordKind(name: string, scenarios: readonly string[], at: string): Promise<void> {
  kind = name;
  for (const outcome of await runJava({ version, namesrv: at, scenarios })) {
    const { name: scenario, ok, error } = outcome;
    console.error(`${version} ${kind}: ${scenario}: ${ok ? 'well' : error}`);
  }
}

const store = mkdtempSync(join(tmpdir(), 'skylark-traffic-'));
const namesrv = await startApacheNamesrv();
// The name server listens everywhere: its proxy needs a port of its own.
const at = `${PROXY_HOST}:${await freePort()}`;
const proxies = [await startProxy(at, namesrv.address, seen)];
const port = await freePort();
proxies.push(await startProxy(`${PROXY_HOST}:${port}`, `${HOST}:${port}`, seen));
const broker = await startApacheBroker({
  ...{ namesrv: at, port, store },
  settings: [...BROKER_SETTINGS, `brokerIP1=${PROXY_HOST}`, `bindAddress=${HOST}`],
});
try {
  for (version of ['5.5.0', '4.9.8'] as const) {
    const kinds = version === '5.5.0' ? [...KINDS, ...NEWER_KINDS] : KINDS;
    for (const [name, scenarios] of kinds) {
      if (only.length === 0 || only.includes(name)) await recordKind(name, scenarios, at);
    }
  }
} finally {
  await broker.stop();
  await namesrv.stop();
  for (const proxy of proxies) proxy.close();
  rmSync(store, { recursive: true, force: true });
}
console.error(`${record.write()} frames`);
