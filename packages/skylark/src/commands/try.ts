/** `skylark try`: sends one message and receives it, and says how long each took. */
import { resolve } from 'node:path';
import { MqError, MqErrorCode, realClock, realFileSystem } from '@skylarkmq/base';
import {
  type ClientOptions,
  type ClientTls,
  Producer,
  PullConsumer,
  type SendReceipt,
} from '@skylarkmq/client';
import type { CommandInput } from '../cli/command.ts';
import { type Flag, helpText, parseFlags } from '../cli/flags.ts';
import { readSecret, SECRET_FLAG } from '../compose/access.ts';
import { type ClientTlsFlags, clientTls, NAMESRV_TLS_FLAGS } from '../tls/client-tls-flags.ts';

const FLAGS: readonly Flag[] = [
  { name: 'namesrv', short: 'n', value: 'LIST', help: 'name servers (default: NAMESRV_ADDR)' },
  ...NAMESRV_TLS_FLAGS,
  SECRET_FLAG,
  { name: 'topic', short: 't', value: 'TOPIC', help: 'default: skylark-try' },
  { name: 'body', value: 'TEXT', help: 'default: hello' },
];

const ABOUT = `\
Sends one message and receives it again, like any client, and prints what it sees.
With Apache RocketMQ it works just the same.`;

const GROUP = 'skylark-try';
const POLL_MS = 10_000;

/** CONNECT, NO_ROUTE, TIMEOUT ... from the client. Always undefined: it is done then. */
export async function tryOut(input: CommandInput): Promise<undefined> {
  const flags = parseFlags(input.args, FLAGS);
  if (flags.has('help')) {
    input.write(helpText('skylark try [flags]', ABOUT, FLAGS));
    return;
  }
  const namesrv = flags.text('namesrv') ?? input.env['NAMESRV_ADDR'] ?? '127.0.0.1:9876';
  const topic = flags.text('topic') ?? GROUP;
  const body = flags.text('body') ?? 'hello';
  const tls = clientTls(flags, input.workingDirectory);
  const secret = flags.text('secret');
  const client: ClientOptions = {
    namesrv,
    tls: tls === undefined ? false : securityOf(tls),
    ...(secret === undefined
      ? {}
      : { credentials: readSecret(realFileSystem, resolve(input.workingDirectory, secret)) }),
  };
  const begunMs = realClock.monotonicMs();
  const receipt = await sendOne(client, topic, body);
  const sentMs = realClock.monotonicMs();
  const { brokerName, queueId } = receipt.queue;
  input.write(
    `Sent to ${topic}: queue ${queueId} of ${brokerName}, offset ${receipt.queueOffset}, ` +
      `${receipt.status} (${Math.round(sentMs - begunMs)} ms)\n`,
  );
  const text = await receive(client, receipt);
  const receivedMs = realClock.monotonicMs();
  input.write(`Received: ${text} (${Math.round(receivedMs - sentMs)} ms)\n`);
  if (text !== body) {
    throw new MqError(MqErrorCode.Corrupt, `Sent ${JSON.stringify(body)}, received something else`);
  }
}

function securityOf({ verify, ca }: ClientTlsFlags): ClientTls {
  return { verifyServer: verify, ...(ca === undefined ? {} : { ca }) };
}

async function sendOne(client: ClientOptions, topic: string, body: string): Promise<SendReceipt> {
  const producer = new Producer(client);
  try {
    return await producer.send({ topic, body });
  } finally {
    await producer.close();
  }
}

/** Reads the very message, not the next one of the topic. */
async function receive(
  client: ClientOptions,
  { queue, queueOffset }: SendReceipt,
): Promise<string> {
  const consumer = new PullConsumer({ ...client, group: GROUP, autoCommit: false });
  try {
    await consumer.assign([queue]);
    await consumer.seek(queue, queueOffset);
    const [message] = await consumer.poll({ max: 1, timeoutMs: POLL_MS });
    if (message !== undefined) return message.text();
    const what = `offset ${queueOffset} of ${queue.topic}`;
    throw new MqError(MqErrorCode.Timeout, `Nothing came from ${what} within ${POLL_MS} ms`);
  } finally {
    await consumer.close();
  }
}
