/**
 * Runs the tests: lists the files itself (Node 20 finds no `.ts` tests and calls that a success),
 * runs two at a time, prints what failed and the totals. With CI=true the check runs first.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `Usage: npm test [-- [options] [part of a path ...]]

Runs all test files whose path contains one of the given parts (default: all of them).

  --packages      only packages/ and scripts/
  --conformance   only conformance/: against real brokers, clients and files
  --mall          only mall/: the shop
  --soak          the long forms of the crash and fuzz tests, and nothing else; takes hours
  --list          print the files instead of running them
  --help          this text

Examples: npm test -- packages/store     npm test -- record-view`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SUFFIXES = ['.test.ts', '.fuzz.ts', '.sim.ts', '.crash.ts', '.e2e.ts'];
const CONCURRENCY = 2;
/** The kinds that have a long form. */
const SOAK_KINDS = ['.crash.', '.fuzz.'];
/** A file that takes longer is broken, on a slow machine, too. */
const FILE_TIMEOUT_MS = 1_800_000;
const SOAK_TIMEOUT_MS = 12 * 3_600_000;
/** Files whose tests take longer are named after their group. */
const SLOW_FILE_S = 45;
/** They take minutes, most of them waiting: they begin first, or one would run on alone. */
const LONG_FILES = [
  ...['conformance/transactions', 'conformance/sdk-', 'timer-exchange', 'pop-exchange'],
  ...['mixed.test', 'kill-9', 'chaos'],
];

interface Totals {
  passed: number;
  skipped: number;
  /** Where each failed test is, and its name. */
  readonly failed: string[];
  /** How long the tests of each file took together. */
  readonly msOfFile: Map<string, number>;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      packages: { type: 'boolean', default: false },
      conformance: { type: 'boolean', default: false },
      mall: { type: 'boolean', default: false },
      soak: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const all = !values.packages && !values.conformance && !values.mall;
  // The test files see it: they run in processes of their own.
  if (values.soak) process.env['SKYLARK_SOAK'] = '1';
  const wanted = (path: string): boolean =>
    (!values.soak || SOAK_KINDS.some((kind) => path.includes(kind))) &&
    (positionals.length === 0 || positionals.some((part) => path.includes(part)));
  const groups: [string, string[]][] = [];
  if (all || values.packages) {
    groups.push(['packages', [...testFiles('packages'), ...testFiles('scripts')].filter(wanted)]);
  }
  if (all || values.conformance) {
    groups.push(['conformance', testFiles('conformance').filter(wanted)]);
  }
  if (all || values.mall) groups.push(['mall', testFiles('mall').filter(wanted)]);
  if (values.list) {
    console.log(groups.flatMap(([, files]) => files).join('\n'));
    return;
  }
  if (groups.every(([, files]) => files.length === 0)) fail('No test file matches');
  if (process.env['CI'] === 'true') runCheck();
  await runGroups(groups);
}

async function runGroups(groups: readonly (readonly [string, readonly string[]])[]): Promise<void> {
  const all: Totals = { passed: 0, skipped: 0, failed: [], msOfFile: new Map() };
  if (groups.some(([name, files]) => name !== 'packages' && files.length > 0)) prepare();
  for (const [name, files] of groups) {
    if (files.length === 0) continue;
    const began = performance.now();
    const totals = await runFiles(files);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${name}: ${describe(totals)} in ${files.length} files, ${seconds} s`);
    printSlow(totals.msOfFile);
    all.passed += totals.passed;
    all.failed.push(...totals.failed);
    all.skipped += totals.skipped;
  }
  // Once more, at the end: the details stand far above.
  for (const test of all.failed) console.log(`FAILED ${test}`);
  console.log(describe(all));
  if (all.failed.length > 0) process.exitCode = 1;
  else if (all.passed + all.skipped === 0) fail('No test ran');
}

function printSlow(msOfFile: ReadonlyMap<string, number>): void {
  const slow = [...msOfFile]
    .map(([file, ms]) => ({ file, seconds: Math.round(ms / 1000) }))
    .filter(({ seconds }) => seconds > SLOW_FILE_S)
    .sort((one, other) => other.seconds - one.seconds);
  for (const { file, seconds } of slow) console.log(`  ${seconds} s: ${file}`);
}

function describe({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Paths of test files below a folder of the root: the long ones first, each kind sorted. */
function testFiles(folder: string): string[] {
  const found = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && SUFFIXES.some((suffix) => entry.name.endsWith(suffix)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  const rank = (path: string): number => (LONG_FILES.some((part) => path.includes(part)) ? 0 : 1);
  return found
    .filter((path) => !path.includes('node_modules/'))
    .sort()
    .sort((one, other) => rank(one) - rank(other));
}

function runCheck(): void {
  const { status } = spawnSync('npm', ['run', '--silent', 'check'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) fail('The check failed');
}

/** What the tests run of others is there before the first of them begins. */
function prepare(): void {
  console.log("Fetching Apache RocketMQ and the official clients, where they aren't yet ...");
  const script = join(root, 'conformance/servers/prepare.sh');
  if (spawnSync(script, { stdio: 'inherit' }).status === 0) return;
  console.log('Something could not be fetched; the tests that need it try again.');
}

async function runFiles(files: readonly string[]): Promise<Totals> {
  const totals: Totals = { passed: 0, skipped: 0, failed: [], msOfFile: new Map() };
  const paths = files.map((file) => join(root, file));
  const timeout = process.env['SKYLARK_SOAK'] === '1' ? SOAK_TIMEOUT_MS : FILE_TIMEOUT_MS;
  const stream = run({ files: paths, concurrency: CONCURRENCY, timeout });
  const took = (file: string | undefined, nesting: number, ms: number): void => {
    // Suites have the time of their tests.
    if (nesting > 0) return;
    const where = whereOf(file);
    totals.msOfFile.set(where, (totals.msOfFile.get(where) ?? 0) + ms);
  };
  stream.on('test:pass', (event) => {
    took(event.file, event.nesting, event.details.duration_ms);
    // A file without a test in it is reported as one passed test with the file's name.
    if (paths.includes(event.name)) return;
    if (event.skip !== undefined || event.todo !== undefined) {
      totals.skipped++;
      console.log(`SKIPPED ${whereOf(event.file)}: ${event.name}: ${event.skip ?? event.todo}`);
    } else if (event.details.type !== 'suite') {
      totals.passed++;
    }
  });
  stream.on('test:fail', (event) => {
    took(event.file, event.nesting, event.details.duration_ms);
    // A test fails once for itself and once more for each suite around it.
    const { cause } = event.details.error;
    if (event.details.type === 'suite' && String(cause).includes('subtest')) return;
    const test = `${whereOf(event.file)}: ${event.name}`;
    totals.failed.push(test);
    console.log(`FAILED ${test}\n${detailsOf(cause ?? event.details.error)}\n`);
  });
  stream.on('test:stderr', (event) => process.stderr.write(event.message));
  for await (const _ of stream);
  return totals;
}

function whereOf(file: string | undefined): string {
  return file === undefined ? '' : relative(root, file);
}

function detailsOf(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.replace(/^/gm, '    ');
}

function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}

await main();
