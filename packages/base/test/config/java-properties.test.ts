import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatJavaProperties,
  parseJavaProperties,
  updateJavaProperties,
} from '../../src/index.ts';

function pairs(text: string): [string, string][] {
  return [...parseJavaProperties(text)];
}

test('the separators, comments, escapes and continuations of Java', () => {
  assert.deepEqual(pairs('a=1\nb : 2\r\nc 3\rd\n'), [
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
    ['d', ''],
  ]);
  assert.deepEqual(pairs('# no\n  ! no\n\n \t\n#x\\\na=b=c:d'), [['a', 'b=c:d']]);
  assert.deepEqual(pairs('fruits = apple, \\\n   pear, \\\n\tplum\nend=1'), [
    ['fruits', 'apple, pear, plum'],
    ['end', '1'],
  ]);
  assert.deepEqual(pairs('path=C:\\\\store\\n\\u4e2d\\q\nk\\ e\\=y=v'), [
    ['path', 'C:\\store\n中q'],
    ['k e=y', 'v'],
  ]);
  assert.deepEqual(pairs('a=trailing  \na2=\\\\\nb=\\'), [
    ['a', 'trailing  '],
    ['a2', '\\'],
    ['b', ''],
  ]);
  assert.deepEqual(pairs('a=1\na=2'), [['a', '2']]);
  assert.deepEqual(pairs('__proto__=1'), [['__proto__', '1']]);
});

test('a malformed escape names its line', () => {
  assert.throws(() => parseJavaProperties('a=1\nb=\\u12'), /Line 2 has a malformed escape/);
});

test('a change keeps comments, order and foreign lines', () => {
  const text = '# mine\nbrokerName = a\\\n  b\n\n! also mine\nlistenPort=1\n#end';
  const changes = new Map([
    ['brokerName', 'new'],
    ['added', '中 #'],
  ]);
  const changed = '# mine\nbrokerName=new\n\n! also mine\nlistenPort=1\n#end\nadded=\\u4e2d #\n';
  assert.equal(updateJavaProperties(text, changes), changed);
  assert.equal(updateJavaProperties('', new Map([['a', '1']])), 'a=1\n');
});

test('what is formatted is parsed back; any text parses or says why not', () => {
  const anyPairs = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })));
  fc.assert(
    fc.property(anyPairs, (list) => {
      const expected = new Map(list);
      assert.deepEqual(parseJavaProperties(formatJavaProperties(expected)), expected);
    }),
  );
  const alphabet = fc.constantFrom('\\', '\n', '\r', ' ', '=', ':', '#', '!', 'a', 'u', '0', '\t');
  fc.assert(
    fc.property(fc.array(alphabet), fc.string(), (letters, value) => {
      const text = letters.join('');
      let before: Map<string, string>;
      try {
        before = parseJavaProperties(text);
      } catch (error) {
        assert.match(String(error), /malformed escape/);
        return;
      }
      if (text.endsWith('\\')) return;
      const [key = 'fresh'] = before.keys();
      const after = parseJavaProperties(updateJavaProperties(text, new Map([[key, value]])));
      assert.deepEqual(after, new Map([...before, [key, value]]));
    }),
  );
});
