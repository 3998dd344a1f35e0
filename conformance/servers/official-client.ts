/** The official clients as published, running the scenarios of java/ and go/. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  jsonBoolean,
  jsonNumber,
  jsonObject,
  jsonString,
  jsonStringOr,
  parseFastjson,
} from '@skylarkmq/base';

/** Versions of the Java client. */
export const JAVA_VERSIONS = ['4.9.8', '5.5.0'] as const;
export type JavaVersion = (typeof JAVA_VERSIONS)[number];

/** What became of a scenario. */
export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  /** Empty when all went well. */
  readonly error: string;
}

const LIMIT_MS = 1_200_000;
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024;
const run = promisify(execFile);

export interface JavaRun {
  readonly version: JavaVersion;
  readonly namesrv: string;
  /** Default: all. */
  readonly scenarios?: readonly string[];
  /** Options of the JVM. */
  readonly options?: string;
}

export async function runJava({
  version,
  namesrv,
  scenarios = [],
  options = '',
}: JavaRun): Promise<readonly Outcome[]> {
  const script = join(import.meta.dirname, '../java/run.sh');
  return outcomesOf(await output(script, [version, namesrv, ...scenarios], options));
}

export async function runGo(
  namesrv: string,
  scenarios: readonly string[] = [],
): Promise<readonly Outcome[]> {
  const script = join(import.meta.dirname, '../go/run.sh');
  return outcomesOf(await output(script, [namesrv, ...scenarios], ''));
}

/** Names of all scenarios of the Java client, or of the Go client. */
export async function scenarioNames(client: JavaVersion | 'go'): Promise<readonly string[]> {
  const folder = client === 'go' ? 'go' : 'java';
  const script = join(import.meta.dirname, `../${folder}/run.sh`);
  const version = client === 'go' ? [] : [client];
  const text = await output(script, [...version, 'no-address', 'list'], '');
  return text.trim().split('\n');
}

/** Throws, with all errors, unless everything went well. */
export function assertAllWell(outcomes: readonly Outcome[]): void {
  const failed = outcomes.filter(({ ok }) => !ok);
  if (failed.length === 0) return;
  throw new Error(failed.map(({ name, error }) => `${name}: ${error}`).join('\n'));
}

/** Standard output, also of a run in which scenarios failed. */
async function output(script: string, args: readonly string[], java: string): Promise<string> {
  const env = { ...process.env, JAVA_OPTIONS: java };
  const options = { env, timeout: LIMIT_MS, maxBuffer: OUTPUT_BYTES_MAX };
  try {
    return (await run(script, args, options)).stdout;
  } catch (error) {
    const text = isWithOutput(error) ? error.stdout : '';
    if (text !== '') return text;
    throw error;
  }
}

function isWithOutput(error: unknown): error is { readonly stdout: string } {
  return error instanceof Error && 'stdout' in error && typeof error.stdout === 'string';
}

function outcomesOf(text: string): readonly Outcome[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => {
      const fields = jsonObject(parseFastjson(line), 'outcome');
      return {
        name: jsonString(fields.get('name'), 'name'),
        ok: jsonBoolean(fields.get('ok'), 'ok'),
        ms: jsonNumber(fields.get('ms'), 'ms'),
        error: jsonStringOr(fields.get('error'), 'error', ''),
      };
    });
}
