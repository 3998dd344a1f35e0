/**
 * What became of the scenarios, kept from the tests that run them until `npm run compatibility`
 * makes a page of it. A line of JSON an outcome; the newest counts.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from './kinds.ts';

const DIRECTORY = join(import.meta.dirname, '../../node_modules/.cache/compatibility');

/** A client against a server, as the head of a column says it. */
export interface Pairing {
  readonly client: Client;
  readonly title: string;
}

/** The pairings in the order of their columns. */
export const PAIRINGS = {
  'java-4.9.8': { client: 'java', title: 'Java 4.9.8 → Skylark' },
  'java-5.5.0': { client: 'java', title: 'Java 5.5.0 → Skylark' },
  go: { client: 'go', title: 'Go 2.1.2 → Skylark' },
  'sdk-skylark': { client: 'sdk', title: 'our SDK → Skylark' },
  'sdk-apache': { client: 'sdk', title: 'our SDK → Apache 5.5.0' },
} as const satisfies Record<string, Pairing>;

export type PairingName = keyof typeof PAIRINGS;

/** `error` is empty when all went well. */
export function noteOutcome(pairing: PairingName, name: string, error: string): void {
  mkdirSync(DIRECTORY, { recursive: true });
  const line = JSON.stringify({ name, error, at: Date.now() });
  // A file a process: test files run side by side.
  appendFileSync(join(DIRECTORY, `${pairing}.${process.pid}.jsonl`), `${line}\n`);
}

/** Runs a scenario and notes what became of it; throws what it throws. */
export async function noted(
  pairing: PairingName,
  name: string,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    noteOutcome(pairing, name, String(error));
    throw error;
  }
  noteOutcome(pairing, name, '');
}

/** Scenario -> its newest error, empty for none. */
export function outcomesOf(pairing: PairingName): ReadonlyMap<string, string> {
  if (!existsSync(DIRECTORY)) return new Map();
  const lines = readdirSync(DIRECTORY)
    .filter((file) => file.startsWith(`${pairing}.`) && /^\d+\.jsonl$/.test(rest(file, pairing)))
    .flatMap((file) => readFileSync(join(DIRECTORY, file), 'utf8').trimEnd().split('\n'))
    .map((line): { name: string; error: string; at: number } => JSON.parse(line))
    .sort((left, right) => left.at - right.at);
  return new Map(lines.map(({ name, error }) => [name, error]));
}

function rest(file: string, pairing: PairingName): string {
  return file.slice(pairing.length + 1);
}
