/** Our SQL92 filter says what RocketMQ's own says: about made-up cases, and about recorded ones. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createPrng } from '@skylarkmq/base';
import { RecordProperties } from '@skylarkmq/broker';
import { apacheJars } from '../bench/servers.ts';
import { skipWithout } from './servers/toolchain.ts';
import { caseLine, officialAnswers, ourAnswer, parseCaseLine } from './sql/filter-answers.ts';
import { type SqlCase, SqlCases } from './sql/sql-cases.ts';

const GOLDEN = fileURLToPath(new URL('golden/sql-filter.txt', import.meta.url));
const GOLDEN_SEED = 92;
const GOLDEN_CASES = 1000;
const CASES = process.env['SKYLARK_SOAK'] === '1' ? 1_000_000 : 6000;
/** Cases of one run of Java. */
const RUN_CASES = 50_000;
/** Of each answer there must be many, or the cases say little. */
const SHARE_MIN = 0.05;
const ANSWERS: readonly string[] = ['match', 'no', 'null', 'error', 'invalid'];

function madeUp(seed: number, count: number): SqlCase[] {
  const cases = new SqlCases(createPrng(seed));
  return Array.from({ length: count }, () => cases.next());
}

function compare(cases: readonly SqlCase[], official: readonly string[], where: string): void {
  const record = new RecordProperties();
  for (const [index, one] of cases.entries()) {
    const { expression, properties } = one;
    const shown = JSON.stringify({ expression, properties: [...properties] });
    assert.equal(ourAnswer(one, record), official[index], `${where}, case ${index}: ${shown}`);
  }
}

test('the answers that were recorded from 5.5.0', () => {
  const lines = readFileSync(GOLDEN, 'utf8').trimEnd().split('\n');
  const cases = lines.map((line) => parseCaseLine(line.slice(line.indexOf('\t') + 1)));
  const answers = lines.map((line) => line.slice(0, line.indexOf('\t')));
  assert.equal(cases.length, GOLDEN_CASES);
  compare(cases, answers, 'golden/sql-filter.txt');
});

suite('the official filter', { skip: skipWithout('java', 'mvn') }, () => {
  const jars = apacheJars();

  test(`${CASES} made-up cases`, async () => {
    const seed = Number(process.env['SQL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    const prng = createPrng(seed);
    const counts = new Map<string, number>();
    for (let done = 0; done < CASES; done += RUN_CASES) {
      const runSeed = done === 0 ? seed : prng.below(2 ** 31);
      const cases = madeUp(runSeed, Math.min(RUN_CASES, CASES - done));
      const official = await officialAnswers(cases, jars);
      for (const answer of official) counts.set(answer, (counts.get(answer) ?? 0) + 1);
      compare(cases, official, `SQL_SEED=${runSeed}`);
    }
    for (const answer of ANSWERS) {
      const share = (counts.get(answer) ?? 0) / CASES;
      assert.ok(share > SHARE_MIN, `SQL_SEED=${seed}: only ${share} of the answers are ${answer}`);
    }
  });

  test('the recorded answers can be recorded again', async () => {
    const cases = madeUp(GOLDEN_SEED, GOLDEN_CASES);
    const official = await officialAnswers(cases, jars);
    const lines = cases.map((one, index) => `${official[index]}\t${caseLine(one)}\n`).join('');
    if (process.env['UPDATE_GOLDEN'] === 'true') writeFileSync(GOLDEN, lines);
    assert.equal(readFileSync(GOLDEN, 'utf8'), lines, 'UPDATE_GOLDEN=true records them');
  });
});
