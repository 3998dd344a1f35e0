/**
 * Checks what the compiler and biome do not: who may import whom, sizes, names, banned calls,
 * that tests mirror sources and papers name what exists. Reads text, so it is quick (and needs no
 * compiler). The rules and their reasons: docs/STYLE.md.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HELP = `Usage: npm run tidy

Checks the rules of docs/STYLE.md that the compiler and biome do not check, and prints where they
are broken. Exceptions are listed, with a reason, at the top of scripts/tidy.ts.`;

/** Path from the root -> text. Files that are no text have an empty one. */
export type Files = ReadonlyMap<string, string>;

/** One broken rule. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 100;
const FOLDER_FILES_MAX = 25;
const FILE_BYTES_MAX = 256 * 1024;

/** Packages -> what their sources may import. Nothing points up. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  message: ['base'],
  wire: ['base', 'message'],
  store: ['base', 'message'],
  remoting: ['base', 'message', 'wire'],
  auth: ['base', 'message', 'wire', 'remoting'],
  namesrv: ['base', 'message', 'wire', 'remoting', 'auth'],
  broker: ['base', 'message', 'wire', 'remoting', 'auth', 'store'],
  client: ['base', 'message', 'wire', 'remoting'],
  nestjs: ['base', 'client'],
  fastify: ['base', 'client'],
  testkit: ['base', 'message', 'wire', 'remoting', 'store'],
  testing: ['base', 'message', 'wire', 'remoting', 'auth', 'store', 'namesrv', 'broker', 'client'],
  skylark: ['base', 'message', 'wire', 'remoting', 'auth', 'store', 'namesrv', 'broker', 'client'],
};

/** Folders with more files than allowed: one file per request code or body is the rule there. */
const LARGE_FOLDERS: readonly string[] = ['packages/wire/src/rpc', 'packages/wire/src/body'];

/** Files that may be larger: path -> reason. */
const LARGE_FILES: ReadonlyMap<string, string> = new Map([
  ['package-lock.json', 'generated'],
  ['packages/wire/src/index.ts', 'the names of all request codes, one a line'],
]);

/** Folders of `src` without a mirror in `test`: path -> reason. */
const UNTESTED: ReadonlyMap<string, string> = new Map([
  ['packages/base/src/log', 'an interface and a logger that does nothing'],
  ['packages/testkit/src/compliance', 'is a suite of tests itself'],
]);

interface Ban {
  readonly pattern: RegExp;
  readonly instead: string;
  /** Paths where it is allowed. */
  readonly except?: RegExp;
}

const EDGE = /^packages\/(skylark|testing)\/src\/|\/main\.ts$/;
/** The mall's own source of time; what it logs goes to the console. */
const MALL_REAL = /^mall\/src\/(shared\/clock|console-logger)\.ts$/;
const REAL = /^packages\/base\/src\/real\//;

/** Banned in `packages/<package>/src`. */
const BANS: readonly Ban[] = [
  { pattern: /\bDate\.now\b/, instead: 'use clock.nowMs()', except: REAL },
  { pattern: /\bnew Date\(\)/, instead: 'use clock.nowMs()', except: REAL },
  { pattern: /\bperformance\.now\b/, instead: 'use clock.monotonicMs()', except: REAL },
  { pattern: /\bMath\.random\b/, instead: 'use the Prng', except: REAL },
  { pattern: /\bset(Timeout|Interval|Immediate)\(/, instead: 'use the Scheduler', except: REAL },
  { pattern: /\bprocess\.nextTick\b/, instead: 'use scheduler.nextTick()', except: REAL },
  { pattern: /\bconsole\./, instead: 'use the Logger', except: EDGE },
  { pattern: /\bprocess\.(env|argv)\b/, instead: 'only main.ts reads it', except: /\/main\.ts$/ },
  { pattern: /'(node:)?fs(\/promises)?'/, instead: 'use the FileSystem', except: REAL },
  {
    pattern: /(from |import\(|require\()'(node:)?(net|tls)'/,
    instead: 'only remoting opens sockets',
    except: /^packages\/remoting\/src\//,
  },
  { pattern: /\bnew RegExp\(/, instead: 'no expression is made from input' },
  { pattern: /\bas (any|never|unknown as)\b/, instead: 'narrow with a check' },
  { pattern: /@ts-(ignore|expect-error|nocheck)\b/, instead: 'fix the type' },
  { pattern: /^export \* from/, instead: 'name the exports' },
  { pattern: /^export default\b/, instead: 'name the export' },
  { pattern: /\bcatch *(\(\w+\))? *\{ *\}/, instead: 'convert, retry with a bound, or end' },
  { pattern: /\.catch\(\(\w*\) => (\{ *\}|undefined)\)/, instead: 'handle or report the error' },
  { pattern: /from '@skylarkmq\/\w+\/(?!internal')/, instead: 'enter packages by their index' },
  { pattern: /from '(\.\.?\/)+(index\.ts)?'/, instead: 'inside a package import the file' },
];

/** Banned in the mall's services, which are no library: they may open files and use timers. */
const MALL_BANS: readonly Ban[] = [
  { pattern: /\bDate\.now\b/, instead: 'use clock.nowMs()', except: MALL_REAL },
  { pattern: /\bnew Date\(\)/, instead: 'use clock.nowMs()', except: MALL_REAL },
  { pattern: /\bperformance\.now\b/, instead: 'use clock.monotonicMs()', except: MALL_REAL },
  { pattern: /\bconsole\./, instead: 'use the Logger', except: /\/(main|console-logger)\.ts$/ },
  { pattern: /\bprocess\.(env|argv)\b/, instead: 'only main.ts reads it', except: /\/main\.ts$/ },
  {
    pattern: /from '@skylarkmq\/(?!client')/,
    instead: 'the mall knows the SDK alone; src/embedded starts a platform',
    except: /^mall\/src\/(main\.ts|embedded\/)/,
  },
];
/** Of the bans of packages, those that hold for the mall too. */
const MALL_SHARES = /new RegExp|as \(any|@ts-|export \\\*|export default|catch/;

/** Banned in every TypeScript file. */
const BANS_EVERYWHERE: readonly Ban[] = [
  { pattern: /\b(FIX[M]E|X[X]X)\b/, instead: 'fix it or write an issue' },
  { pattern: /^\s*debug[g]er;/, instead: 'remove it' },
  { pattern: /\b(test|it|describe|suite)\.only\(/, instead: 'run all tests' },
  { pattern: /\/(home|Users|root)\/\w/, instead: 'no path of one machine' },
];

const BANNED_NAME = /^(utils?|helpers?|common|misc|manager|stuff|shared)(\.test)?(\.ts)?$/;
/** What the mall's services have in common is a part of its own: none of them may know another. */
const SHARED = /^mall\/(src|test)\/shared\//;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;

/** All checks over all files. */
export function findProblems(files: Files): Problem[] {
  const problems: Problem[] = [];
  for (const [path, text] of files) {
    if (/\.(tsx?|mjs)$/.test(path)) problems.push(...checkSource(path, text));
    if (Buffer.byteLength(text) > FILE_BYTES_MAX && !LARGE_FILES.has(path)) {
      problems.push({ path, line: 1, message: `has more than ${FILE_BYTES_MAX} bytes` });
    }
  }
  problems.push(...checkFolders(files), ...checkLayers(files), ...checkCycles(files));
  problems.push(...checkMirrors(files), ...checkPapers(files));
  return problems;
}

function checkSource(path: string, text: string): Problem[] {
  const problems: Problem[] = [];
  const report = (line: number, message: string): void => {
    problems.push({ path, line, message });
  };
  const lines = text.split('\n');
  // In markup the classes of an element and the path of a drawing are one string, on one line.
  const columnsMax = path.endsWith('.tsx') ? Number.POSITIVE_INFINITY : COLUMNS_MAX;
  const isSource = /^packages\/[^/]+\/src\//.test(path);
  if (lines.length - 1 > LINES_MAX && !LARGE_FILES.has(path)) {
    report(1, `has ${lines.length - 1} lines, at most ${LINES_MAX}`);
  }
  const bans = [...BANS_EVERYWHERE, ...(isSource ? BANS : []), ...mallBans(path)];
  const active = bans.filter((ban) => !ban.except?.test(path));
  for (const [index, line] of lines.entries()) {
    if ([...line].length > columnsMax) report(index + 1, `is longer than ${columnsMax} columns`);
    const code = withoutComment(line);
    for (const { pattern, instead } of active) {
      if (pattern.test(code)) report(index + 1, `${pattern.source} is banned: ${instead}`);
    }
  }
  const limited = isSource || /^(scripts|mall\/web\/src)\//.test(path);
  for (const { line, length } of limited ? longFunctions(lines) : []) {
    report(line, `function of ${length} lines, at most ${FUNCTION_LINES_MAX}`);
  }
  return problems;
}

/** Comments may name what code must not use. Keeps `@ts-` directives, which live in comments. */
function withoutComment(line: string): string {
  if (line.includes('@ts-')) return line;
  if (/^\s*(\/\/|\*|\/\*)/.test(line)) return '';
  const at = line.indexOf(' // ');
  return at < 0 ? line : line.slice(0, at);
}

function mallBans(path: string): readonly Ban[] {
  if (!path.startsWith('mall/src/')) return [];
  return [...MALL_BANS, ...BANS.filter(({ pattern }) => MALL_SHARES.test(pattern.source))];
}

const FUNCTION_HEADS: readonly RegExp[] = [
  /^\s*(export )?(async )?function\b/,
  /^\s*(static |async |override |get |set |\*)*#?\w+(<.*>)?\(/,
  /=> \{$/,
  /^\s*\)/,
];
const NO_FUNCTION = /^\s*(\} )?(if|for|while|switch|catch|else|do|try|with)\b/;

/** Functions over the limit. Relies on the formatter: a function ends at its own indentation. */
function longFunctions(lines: readonly string[]): { line: number; length: number }[] {
  const found: { line: number; length: number }[] = [];
  for (const [index, line] of lines.entries()) {
    if (!line.endsWith('{') || NO_FUNCTION.test(line)) continue;
    if (!FUNCTION_HEADS.some((head) => head.test(line))) continue;
    const indent = line.length - line.trimStart().length;
    const isAtIndent = (one: string): boolean => one.search(/\S/) === indent;
    let start = index;
    if (line.trimStart().startsWith(')')) {
      do start--;
      while (start > 0 && !isAtIndent(lines[start] ?? ''));
      if (NO_FUNCTION.test(lines[start] ?? '')) continue;
    }
    const end = lines.findIndex(
      (one, at) => at > index && isAtIndent(one) && one.trimStart().startsWith('}'),
    );
    const length = end - start + 1;
    if (length > FUNCTION_LINES_MAX) found.push({ line: start + 1, length });
  }
  return found;
}

function checkFolders(files: Files): Problem[] {
  const problems: Problem[] = [];
  const counts = new Map<string, number>();
  for (const path of files.keys()) {
    if (!/^(packages|scripts|conformance|bench|mall)\/.*\.tsx?$/.test(path)) continue;
    const folder = dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
    const parts = path.split('/');
    for (const part of parts) {
      if (BANNED_NAME.test(part) && !SHARED.test(path))
        problems.push({ path, line: 1, message: `name ${part}` });
      else if (!KEBAB_CASE.test(part)) {
        problems.push({ path, line: 1, message: `${part} is not kebab-case` });
      }
    }
    if (path.startsWith('packages/') && parts[2] === 'src' && parts.length > 6) {
      problems.push({ path, line: 1, message: 'is deeper than src/<topic>/<family>/<file>' });
    }
  }
  for (const [path, count] of counts) {
    if (count <= FOLDER_FILES_MAX || LARGE_FOLDERS.includes(path)) continue;
    problems.push({ path, line: 1, message: `${count} files, at most ${FOLDER_FILES_MAX}` });
  }
  return problems;
}

const IMPORT = /^(?:import|export)\b[^'"]*?\bfrom '([^']+)'|^import '([^']+)'/gm;

function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
}

/** Sources import along LAYERS, package.json declares what they import, tsconfig the same. */
function checkLayers(files: Files): Problem[] {
  const problems: Problem[] = [];
  for (const name of packagesOf(files)) {
    const allowed = LAYERS[name];
    const path = `packages/${name}/package.json`;
    const report = (message: string, at: string = path): void => {
      problems.push({ path: at, line: 1, message });
    };
    if (allowed === undefined) {
      report('is not in LAYERS of scripts/tidy.ts');
      continue;
    }
    const manifest = files.get(path) ?? '';
    const runtime = /"dependencies": \{([^}]*)\}/.exec(manifest)?.[1] ?? '';
    const declared = [...runtime.matchAll(/"([^"]+)": /g)].map((match) => match[1] ?? '');
    const siblings = declared.filter((one) => one.startsWith('@skylarkmq/'));
    const below = siblings.map((one) => one.slice('@skylarkmq/'.length));
    for (const one of below) if (!allowed.includes(one)) report(`must not depend on ${one}`);
    const isBare = !['testkit', 'testing', 'skylark'].includes(name);
    if (isBare && declared.length > siblings.length) report('must have no run-time dependency');
    const config = files.get(`packages/${name}/tsconfig.json`) ?? '';
    const references = [...config.matchAll(/"path": "\.\.\/([\w-]+)"/g)].map((match) => match[1]);
    if ([...references].sort().join() !== [...below].sort().join()) {
      report(`references of tsconfig.json are ${references}, dependencies are ${below}`);
    }
    for (const [source, text] of files) {
      if (!source.startsWith(`packages/${name}/src/`)) continue;
      for (const target of importsOf(text)) {
        const sibling = /^@skylarkmq\/([\w-]+)/.exec(target)?.[1];
        if (sibling === undefined || below.includes(sibling)) continue;
        report(`must not import ${sibling}`, source);
      }
    }
  }
  return problems;
}

function packagesOf(files: Files): string[] {
  const names = [...files.keys()].map((path) => /^packages\/([^/]+)\/package\.json$/.exec(path));
  return names.flatMap((match) => match?.[1] ?? []).sort();
}

/** Import cycles between files, types included. */
function checkCycles(files: Files): Problem[] {
  const done = new Set<string>();
  const stack: string[] = [];
  const problems: Problem[] = [];
  const visit = (path: string): void => {
    const at = stack.indexOf(path);
    if (at >= 0) {
      const message = `is in an import cycle: ${[...stack.slice(at), path].join(' -> ')}`;
      problems.push({ path, line: 1, message });
    }
    if (at >= 0 || done.has(path)) return;
    done.add(path);
    stack.push(path);
    for (const target of importsOf(files.get(path) ?? '')) {
      if (target.startsWith('.')) visit(join(dirname(path), target));
    }
    stack.pop();
  };
  for (const path of files.keys()) if (path.endsWith('.ts')) visit(path);
  return problems;
}

/** Tests lie where the sources lie, and every topic of a package has tests. */
function checkMirrors(files: Files): Problem[] {
  const problems: Problem[] = [];
  const folders = new Set([...files.keys()].map(dirname));
  const tested = new Set<string>();
  for (const path of files.keys()) {
    const parts = /^(packages\/[^/]+)\/test\/(.*\.\w+)\.ts$/.exec(path);
    const [, root = '', rest = ''] = parts ?? [];
    if (parts === null || !/\.(test|fuzz|sim|crash|e2e)$/.test(rest)) continue;
    const folder = dirname(`${root}/src/${rest}`);
    tested.add(folder);
    if (!folders.has(folder)) {
      problems.push({ path, line: 1, message: `mirrors nothing: there is no folder ${folder}` });
    }
  }
  for (const folder of folders) {
    if (!/^packages\/[^/]+\/src\/[^/]+$/.test(folder) || UNTESTED.has(folder)) continue;
    const isTested = [...tested].some((one) => one === folder || one.startsWith(`${folder}/`));
    const message = 'no test in the mirror of this folder';
    if (!isTested) problems.push({ path: folder, line: 1, message });
  }
  return problems;
}

/** The code map names every package, and every format page is named by a test. */
function checkPapers(files: Files): Problem[] {
  const problems: Problem[] = [];
  const map = files.get('ARCHITECTURE.md') ?? '';
  for (const name of packagesOf(files)) {
    if (map.includes(`packages/${name}`)) continue;
    problems.push({ path: 'ARCHITECTURE.md', line: 1, message: `does not name packages/${name}` });
  }
  problems.push(...checkNamedPaths(files));
  const tests = [...files].filter(([path]) => /\.(test|crash|fuzz|sim|e2e)\.ts$/.test(path));
  for (const path of files.keys()) {
    if (!path.startsWith('docs/formats/')) continue;
    const isNamed = tests.some(([, text]) => text.includes(path));
    if (!isNamed) problems.push({ path, line: 1, message: 'is named by no test' });
  }
  return problems;
}

/** Files and folders that the mall's papers name are there. */
function checkNamedPaths(files: Files): Problem[] {
  const isThere = (named: string): boolean =>
    [...files.keys()].some((one) => one === named || one.startsWith(`${named}/`));
  const papers = [...files].filter(([path]) => /^docs\/(mall\.md$|patterns\/)/.test(path));
  return papers.flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index) => {
      const named = [...line.matchAll(/`(mall\/[\w./-]+)`/g)].map((match) => match[1] ?? '');
      const missing = named.filter((one) => !isThere(one));
      return missing.map((one) => ({ path, line: index + 1, message: `there is no ${one}` }));
    }),
  );
}

/** The project's files: those that git knows or would add. */
function readFiles(root: string): Map<string, string> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const list = execFileSync('git', args, { cwd: root, encoding: 'utf8' });
  const files = new Map<string, string>();
  for (const path of list.split('\0').filter((one) => one !== '')) {
    const full = join(root, path);
    if (!existsSync(full) || statSync(full).isDirectory()) continue;
    files.set(path, readFileSync(full, 'latin1').includes('\0') ? '' : readFileSync(full, 'utf8'));
  }
  return files;
}

function main(): void {
  if (process.argv.includes('--help')) {
    console.log(HELP);
    return;
  }
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const files = readFiles(root);
  const problems = findProblems(files);
  for (const { path, line, message } of problems) console.log(`${path}:${line} ${message}`);
  console.log(`tidy: ${files.size} files, ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
