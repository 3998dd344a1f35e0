import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, type LogLevel } from '../../src/cli/logger.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

function lines(level: LogLevel, pretty: boolean): [ReturnType<typeof createLogger>, string[]] {
  const written: string[] = [];
  const write = (line: string): void => {
    written.push(line);
  };
  return [createLogger({ level, pretty, nowMs: () => NOW_MS, write }), written];
}

test('what is below the level is dropped', () => {
  for (const [level, count] of [
    ['debug', 4],
    ['warn', 2],
    ['silent', 0],
  ] as const) {
    const [logger, written] = lines(level, false);
    logger.debug({}, 'd');
    logger.info({}, 'i');
    logger.warn({}, 'w');
    logger.error({}, 'e');
    assert.equal(written.length, count);
  }
});

test('a line of JSON has the fields, errors with their cause, and no secrets', () => {
  const [logger, written] = lines('info', false);
  const error = new Error('outer', { cause: new Error('inner') });
  logger.info({ error, count: 7n, secretKey: 'abc', map: new Map([['a', 1]]) }, 'Said');
  assert.deepEqual(JSON.parse(written[0] ?? ''), {
    time: '2026-01-02T03:04:05.006Z',
    level: 'info',
    message: 'Said',
    error: { message: 'outer', cause: 'inner' },
    count: '7',
    secretKey: '***',
    map: { a: 1 },
  });
});

test('fields that cannot be printed and lines that are too long do no harm', () => {
  const [logger, written] = lines('info', false);
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  logger.info({ cyclic }, 'Cyclic');
  logger.info({ body: 'x'.repeat(1_000_000) }, 'Long');
  for (const line of written) assert.ok(line.length < 10_000 && line.endsWith('\n'));
  assert.equal(JSON.parse(written[1] ?? '').message, 'Long');
});

test('a terminal gets text', () => {
  const [logger, written] = lines('info', true);
  logger.warn({ path: '/a b', error: new Error('no') }, 'Failed');
  assert.match(written[0] ?? '', /^03:04:05\.006 .*warn .* Failed path="\/a b" error="no"\n$/);
});
