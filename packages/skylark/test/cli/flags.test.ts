import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Flag, helpText, parseFlags } from '../../src/cli/flags.ts';

const FLAGS: readonly Flag[] = [
  { name: 'data', value: 'DIR', help: 'where messages are kept' },
  { name: 'port', short: 'p', value: 'PORT', help: 'default: 9876' },
  { name: 'flush', value: 'MODE', help: 'sync or async' },
  { name: 'memory', help: 'nothing touches the disk' },
];

const refused = (args: readonly string[], message: RegExp): void => {
  assert.throws(() => parseFlags(args, FLAGS), { code: 'INVALID_ARGUMENT', message });
};

test('values are read in every usual form', () => {
  for (const args of [['--port', '80'], ['--port=80'], ['-p', '80'], ['-p80']]) {
    assert.equal(parseFlags(args, FLAGS).port('port'), 80, args.join(' '));
  }
  const flags = parseFlags(['--memory', '--data', 'a b', '--flush', 'sync'], FLAGS);
  assert.equal(flags.has('memory'), true);
  assert.equal(flags.text('data'), 'a b');
  assert.equal(flags.oneOf('flush', ['sync', 'async']), 'sync');
  assert.equal(flags.port('port'), undefined);
});

test('an unknown flag is refused with the one that was meant', () => {
  refused(['--memry'], /^There is no flag --memry: did you mean --memory\?$/);
  refused(['--xyzzyx'], /^There is no flag --xyzzyx$/);
  refused(['-z'], /^There is no flag -z$/);
});

test('a missing, superfluous or stray value is refused', () => {
  refused(['--data'], /^--data needs a value: --data DIR$/);
  refused(['--data', '--memory'], /^--data needs a value/);
  refused(['--memory=yes'], /^--memory has no value/);
  refused(['./data'], /^Nothing is expected at \.\/data$/);
});

test('a value out of range says what is allowed', () => {
  const flags = parseFlags(['--port', '65536', '--flush', 'never', '--data='], FLAGS);
  const message = '--port must be an integer from 0 to 65535, not "65536"';
  assert.throws(() => flags.port('port'), { code: 'INVALID_ARGUMENT', message });
  assert.throws(() => flags.oneOf('flush', ['sync', 'async']), {
    message: '--flush must be sync or async, not "never"',
  });
  assert.throws(() => flags.text('data'), { message: /not empty/ });
  for (const port of ['-1', '1.5', '0x10', '', 'ten']) {
    assert.throws(() => parseFlags([`--port=${port}`], FLAGS).port('port'), /integer/);
  }
});

test('the help names every flag once, and --help is known', () => {
  const help = helpText('skylark start [flags]', 'Runs it.', FLAGS);
  for (const { name } of FLAGS) assert.equal(help.split(`--${name}`).length, 2, name);
  assert.match(help, /-p, --port PORT/);
  assert.equal(parseFlags(['-h'], FLAGS).has('help'), true);
});
