import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { en } from '../../src/i18n/en.ts';
import { fill } from '../../src/i18n/i18n.tsx';
import { zh } from '../../src/i18n/zh.ts';

const SOURCES = join(dirname(fileURLToPath(import.meta.url)), '../../src');

test('both languages have the same texts, none of them empty', () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
  for (const [key, text] of [...Object.entries(en), ...Object.entries(zh)]) {
    assert.notEqual(text.trim(), '', key);
  }
});

test('both languages fill in the same values', () => {
  const chinese: Readonly<Record<string, string>> = zh;
  const namesOf = (text = ''): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, text] of Object.entries(en)) {
    assert.deepEqual(namesOf(chinese[key]), namesOf(text), key);
  }
});

test('values are filled in, and a missing one is seen', () => {
  assert.equal(fill('{count} of {all}', { count: 3 }), '3 of {all}');
  assert.equal(fill('as it is', undefined), 'as it is');
});

test('no text stands outside the catalogues', () => {
  const allowed = new Set(['English', '中文', 'Skylark Mall', 'p50', 'p99', 'ms']);
  const found: string[] = [];
  for (const path of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.tsx')) continue;
    const source = readFileSync(join(SOURCES, path), 'utf8');
    const code = source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '').replace(/\{\/\*.*\*\/\}/g, '');
    // Words between tags, and in attributes that people read or hear.
    const words = [
      ...code.matchAll(/>\s*([A-Za-z][A-Za-z ,.'!?]*[a-z.!?])\s*<\//g),
      ...code.matchAll(/\b(?:aria-label|title|placeholder|label|alt)="([^"]+)"/g),
      ...code.matchAll(/([\u4e00-\u9fff]+)/g),
    ];
    for (const [, text = ''] of words) if (!allowed.has(text)) found.push(`${path}: ${text}`);
  }
  assert.deepEqual(found, []);
});

test('every key that the pages name is there', () => {
  const known = new Set(Object.keys(en));
  const missing: string[] = [];
  for (const path of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.tsx') || path.startsWith('i18n')) continue;
    const source = readFileSync(join(SOURCES, path), 'utf8');
    // The compiler checks `t('key')`. A group that is made of a value has at least one member.
    for (const [, group = ''] of source.matchAll(/\btO?r?\(`([a-z-]+)\.\$\{/g)) {
      if (![...known].some((key) => key.startsWith(`${group}.`))) missing.push(`${path}: ${group}`);
    }
  }
  assert.deepEqual(missing, []);
});
