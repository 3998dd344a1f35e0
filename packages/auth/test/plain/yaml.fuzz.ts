import { test } from 'node:test';
import { MqError, MqErrorCode } from '@skylarkmq/base';
import fc from 'fast-check';
import { readPlainAccounts } from '../../src/plain/plain-accounts.ts';
import { parseYaml } from '../../src/plain/yaml.ts';

const PIECES = [
  ...['accounts:', '- ', 'accessKey: ', 'secretKey: ', 'admin: true', 'topicPerms:', 'a=PUB|SUB'],
  ...[
    '\n',
    '\n  ',
    '\n    ',
    ' ',
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
    ',',
    '#',
    ':',
    '\\',
    '\t',
    '*',
    'x',
  ],
];

test('any text is an ACL file or is refused with a reason', () => {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((parts) => parts.join('')),
    fc.string({ maxLength: 200 }),
  );
  fc.assert(
    fc.property(text, (input) => {
      try {
        readPlainAccounts(parseYaml(input));
      } catch (error) {
        if (error instanceof MqError && error.code === MqErrorCode.InvalidArgument) return;
        throw error;
      }
    }),
    { numRuns: 20_000 },
  );
});
