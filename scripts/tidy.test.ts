/** Tidy finds each kind of problem, and nothing where there is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProblems, LAYERS } from './tidy.ts';

const TIDY: Readonly<Record<string, string>> = {
  'ARCHITECTURE.md': 'packages/base, packages/message',
  'packages/base/package.json': '{ "dependencies": {} }',
  'packages/base/tsconfig.json': '{}',
  'packages/base/src/index.ts': "export { one } from './topic/one.ts';\n",
  'packages/base/src/topic/one.ts': 'export const one = 1;\n',
  'packages/base/test/topic/one.test.ts': "test('one', () => {});\n",
  'packages/message/package.json': '{ "dependencies": { "@skylarkmq/base": "0.1.0" } }',
  'packages/message/tsconfig.json': '{ "references": [{ "path": "../base" }] }',
  'packages/message/src/index.ts': "import { one } from '@skylarkmq/base';\nexport { one };\n",
};

/** What tidy says of a tidy project with these changes; undefined removes a file. */
function problemsWith(changes: Readonly<Record<string, string | undefined>>): string[] {
  const files = new Map<string, string>();
  for (const [path, text] of Object.entries({ ...TIDY, ...changes })) {
    if (text !== undefined) files.set(path, text);
  }
  return findProblems(files).map(({ path, line, message }) => `${path}:${line} ${message}`);
}

function finds(changes: Readonly<Record<string, string | undefined>>, expected: RegExp): void {
  const problems = problemsWith(changes);
  assert.ok(
    problems.some((one) => expected.test(one)),
    `${expected} in ${problems.join('\n')}`,
  );
}

const ONE = 'packages/base/src/topic/one.ts';

test('a tidy project has no problem', () => {
  assert.deepEqual(problemsWith({}), []);
});

test('sizes of files, functions, lines and folders', () => {
  finds({ [ONE]: 'const a = 1;\n'.repeat(401) }, /one\.ts:1 has 401 lines, at most 400/);
  assert.deepEqual(problemsWith({ [ONE]: 'const a = 1;\n'.repeat(400) }), []);
  finds({ [ONE]: `// ${'x'.repeat(98)}\n` }, /one\.ts:1 is longer than 100 columns/);
  const body = '  call();\n'.repeat(69);
  finds({ [ONE]: `function long(): void {\n${body}}\n` }, /one\.ts:1 function of 71 lines/);
  const method = `class One {\n  long(): void {\n${body.replaceAll('  ', '    ')}  }\n}\n`;
  finds({ [ONE]: method }, /one\.ts:2 function of 71 lines/);
  const split = `export function long(\n  a: number,\n): void {\n${body}}\n`;
  finds({ [ONE]: split }, /one\.ts:1 function of 73 lines/);
  const loop = `if (\n  a\n) {\n${body}}\n`;
  assert.deepEqual(problemsWith({ [ONE]: loop }), []);
  finds({ 'data.txt': 'x'.repeat(300_000) }, /data\.txt:1 has more than 262144 bytes/);
  const many = Object.fromEntries(
    [...Array(26).keys()].map((index) => [`packages/base/src/topic/f${index}.ts`, '']),
  );
  finds(many, /packages\/base\/src\/topic:1 27 files, at most 25/);
});

test('names', () => {
  finds({ 'packages/base/src/utils.ts': '' }, /name utils/);
  finds({ 'packages/base/src/helpers/x.ts': '' }, /name helpers/);
  finds({ 'packages/base/src/topic/CamelCase.ts': '' }, /CamelCase\.ts is not kebab-case/);
  finds({ 'packages/base/src/a/b/c/d.ts': '' }, /deeper than/);
});

test('what sources must not call or say', () => {
  const banned = [
    'const now = Date.now();',
    'const now = new Date();',
    'const now = performance.now();',
    'const dice = Math.random();',
    'setTimeout(work, 1);',
    'process.nextTick(work);',
    "console.log('x');",
    "const value = process.env['X'];",
    "import { readFileSync } from 'node:fs';",
    "import { connect } from 'node:net';",
    'const pattern = new RegExp(input);',
    'const value = input as any;',
    '// @ts-ignore',
    "export * from './two.ts';",
    'export default 1;',
    'try { work(); } catch {}',
    'promise.catch(() => {});',
    "import { x } from '@skylarkmq/base/src/x.ts';",
    "import { x } from '../index.ts';",
  ];
  for (const line of banned) finds({ [ONE]: `${line}\n` }, /one\.ts:1 .* is banned/);
  assert.deepEqual(problemsWith({ [ONE]: '// Not Date.now(): the clock is an argument.\n' }), []);
  const real = 'packages/base/src/real/clock.ts';
  const mirror = 'packages/base/test/real/clock.test.ts';
  assert.deepEqual(problemsWith({ [real]: 'Date.now();\n', [mirror]: '' }), []);
  const net = 'packages/base/test/topic/one.test.ts';
  assert.deepEqual(problemsWith({ [net]: "import { connect } from 'node:net';\n" }), []);
  finds({ [net]: `test${'.only'}('x', () => {});\n` }, /run all tests/);
  finds({ [net]: `const path = '/${'home'}/somebody';\n` }, /no path of one machine/);
});

test('layers: imports, dependencies and references agree, and point down', () => {
  const up = "import { x } from '@skylarkmq/message';\n";
  finds({ [ONE]: up }, /one\.ts:1 must not import message/);
  const manifest = '{ "dependencies": { "@skylarkmq/message": "0.1.0" } }';
  finds({ 'packages/base/package.json': manifest }, /must not depend on message/);
  const foreign = '{ "dependencies": { "left-pad": "1.0.0" } }';
  finds({ 'packages/base/package.json': foreign }, /must have no run-time dependency/);
  finds({ 'packages/message/tsconfig.json': '{}' }, /references of tsconfig\.json are , depend/);
  finds({ 'packages/new/package.json': '{}' }, /is not in LAYERS/);
  for (const [name, below] of Object.entries(LAYERS)) {
    assert.ok(!below.includes(name), name);
    for (const one of below) assert.ok(!LAYERS[one]?.includes(name), `${name} and ${one}`);
  }
});

test('import cycles, types included', () => {
  const two = 'packages/base/src/topic/two.ts';
  const cycle = { [ONE]: "import type { Two } from './two.ts';\n", [two]: "import './one.ts';\n" };
  finds(cycle, /is in an import cycle: .*one\.ts -> .*two\.ts -> .*one\.ts/);
});

test('tests mirror sources, and papers name what there is', () => {
  const test = 'packages/base/test/topic/one.test.ts';
  finds({ [test]: undefined }, /packages\/base\/src\/topic:1 no test in the mirror/);
  finds({ 'packages/base/test/elsewhere/x.test.ts': '' }, /mirrors nothing/);
  finds({ 'ARCHITECTURE.md': 'packages/base' }, /does not name packages\/message/);
  const page = 'docs/formats/one.md';
  finds({ [page]: '' }, /docs\/formats\/one\.md:1 is named by no test/);
  assert.deepEqual(problemsWith({ [page]: '', [test]: `/** Proves ${page}. */\n` }), []);
  const mall = { 'docs/mall.md': 'See `mall/src/order`.\n' };
  finds(mall, /docs\/mall\.md:1 there is no mall\/src\/order/);
  assert.deepEqual(problemsWith({ ...mall, 'mall/src/order/order.ts': '' }), []);
});
