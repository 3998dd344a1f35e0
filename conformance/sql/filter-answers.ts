/** What RocketMQ's own filter and ours say about the same cases. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { parseSql, type RecordProperties, Truth } from '@skylarkmq/broker';
import { encodeProperties } from '@skylarkmq/message';
import { SHORT_LIVED_JVM } from '../servers/short-lived-jvm.ts';
import type { SqlCase } from './sql-cases.ts';

const RUNNER = fileURLToPath(new URL('SqlFilterRunner.java', import.meta.url));

const WORDS: ReadonlyMap<Truth, string> = new Map([
  [Truth.Yes, 'match'],
  [Truth.No, 'no'],
  [Truth.Unknown, 'null'],
  [Truth.Failed, 'error'],
]);

/** match, no, null, error, or invalid. */
export function ourAnswer({ expression, properties }: SqlCase, record: RecordProperties): string {
  try {
    const { condition } = parseSql(expression, record);
    record.loadEncoded(encodeProperties(properties));
    return WORDS.get(condition()) ?? '';
  } catch (error) {
    if (error instanceof MqError && error.code === MqErrorCode.InvalidArgument) return 'invalid';
    throw error;
  }
}

/** The answers of the filter in `jars` (an entry of a class path), in one run of Java. */
export async function officialAnswers(cases: readonly SqlCase[], jars: string): Promise<string[]> {
  const classes = await mkdtemp(join(tmpdir(), 'skylark-sql-'));
  try {
    mkdirSync(classes, { recursive: true });
    await run('javac', ['-nowarn', '-cp', jars, '-d', classes, RUNNER], '');
    const input = cases.map((one) => `${caseLine(one)}\n`).join('');
    const output = await run(
      'java',
      [...SHORT_LIVED_JVM, '-cp', `${classes}:${jars}`, 'SqlFilterRunner'],
      input,
    );
    return output.trimEnd().split('\n');
  } finally {
    rmSync(classes, { recursive: true, force: true });
  }
}

/** A case in one line: expression TAB name=value&name=value, encoded as in URLs. */
export function caseLine({ expression, properties }: SqlCase): string {
  const pairs = [...properties].map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  return `${encoded(expression)}\t${pairs.join('&')}`;
}

/** The case of a line. */
export function parseCaseLine(line: string): SqlCase {
  const [expression = '', pairs = ''] = line.split('\t');
  const properties = new Map<string, string>();
  for (const pair of pairs.split('&')) {
    const at = pair.indexOf('=');
    if (at > 0) properties.set(decoded(pair.slice(0, at)), decoded(pair.slice(at + 1)));
  }
  return { expression: decoded(expression), properties };
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+');
}

function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', '%20'));
}

function run(command: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(new Error(`${command} ended with ${code}`));
    });
    child.stdin.end(input);
  });
}
