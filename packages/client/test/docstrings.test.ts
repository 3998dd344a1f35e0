/** Everything that users import says what it is: exports, and the methods of exported classes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const source = new URL('../src/', import.meta.url);
const index = readFileSync(new URL('index.ts', source), 'utf8');

/** Names in the index with the file that has them; `as` keeps the name of the file. */
function exportsOf(text: string): readonly (readonly [string, string])[] {
  return [...text.matchAll(/export (?:type )?\{([^}]*)\} from '(\.[^']+)'/g)].flatMap(
    ([, list = '', file = '']) =>
      list
        .split(',')
        .map((item) =>
          item
            .trim()
            .replace(/^type /, '')
            .replace(/ as .*/, ''),
        )
        .filter((item) => item !== '')
        .map((name) => [name, file] as const),
  );
}

function isDocumented(lines: readonly string[], at: number): boolean {
  let above = at - 1;
  while (/^\s*\/\/ RocketMQ: /.test(lines[above] ?? '')) above--;
  return /\*\/$/.test(lines[above] ?? '');
}

const METHOD = /^ {2}(?:static |async )*\*?(?:get )?([a-z]\w*)(?:<[^>]*>)?\(/;

function problemsOf(name: string, file: string): readonly string[] {
  const lines = readFileSync(new URL(file, source), 'utf8').split('\n');
  const words = ['const', 'class', 'function', 'async function', 'function*', 'interface', 'type'];
  const at = lines.findIndex((line) =>
    words.some((word) =>
      [' ', '<', '(', ':'].some((end) => line.startsWith(`export ${word} ${name}${end}`)),
    ),
  );
  if (at < 0) return [`${file}: the declaration of ${name} was not found`];
  const problems = isDocumented(lines, at) ? [] : [`${file}: ${name} has no docstring`];
  if (!(lines[at] ?? '').startsWith('export class ')) return problems;
  for (let line = at + 1; line < lines.length && lines[line] !== '}'; line++) {
    const method = METHOD.exec(lines[line] ?? '')?.[1];
    if (method === undefined || ['constructor', 'if', 'for', 'return'].includes(method)) continue;
    if (!isDocumented(lines, line)) problems.push(`${file}: ${name}.${method} has no docstring`);
  }
  return problems;
}

test('every export and every method of an exported class has a docstring', () => {
  const all = exportsOf(index);
  assert.ok(all.length > 50, 'the index was not understood');
  assert.deepEqual(
    all.flatMap(([name, file]) => problemsOf(name, file)),
    [],
  );
});
