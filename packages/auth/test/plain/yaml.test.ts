import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { writeYaml } from '../../src/plain/write-yaml.ts';
import { parseYaml, type YamlValue } from '../../src/plain/yaml.ts';

/** Maps as objects, for comparison. */
function plain(value: YamlValue): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, one]) => [key, plain(one)]));
  }
  return Array.isArray(value) ? value.map(plain) : value;
}

test("Apache's own example is read as it is", () => {
  const text = `# comment
globalWhiteRemoteAddresses:
  - 10.10.103.*
  - 192.168.0.*   # behind a value

accounts:
  - accessKey: RocketMQ
    secretKey: 12345678
    whiteRemoteAddress:
    admin: false
    topicPerms:
      - topicA=DENY
      - topicB=PUB|SUB
    groupPerms: []
  - accessKey: 'rocket#mq2'
    secretKey: "1\\"2"
    admin: true
`;
  assert.deepEqual(plain(parseYaml(text)), {
    globalWhiteRemoteAddresses: ['10.10.103.*', '192.168.0.*'],
    accounts: [
      {
        accessKey: 'RocketMQ',
        secretKey: '12345678',
        whiteRemoteAddress: null,
        admin: 'false',
        topicPerms: ['topicA=DENY', 'topicB=PUB|SUB'],
        groupPerms: [],
      },
      { accessKey: 'rocket#mq2', secretKey: '1"2', admin: 'true' },
    ],
  });
});

test('files that a Java broker has written are read too', () => {
  const text = `accounts:
- accessKey: RocketMQ
  groupPerms: [groupA=DENY, groupB=PUB|SUB,
    groupC=SUB]
- {accessKey: other, admin: true, topicPerms: []}
dataVersion:
- {counter: 1, timestamp: 1630000000000}
`;
  assert.deepEqual(plain(parseYaml(text)), {
    accounts: [
      { accessKey: 'RocketMQ', groupPerms: ['groupA=DENY', 'groupB=PUB|SUB', 'groupC=SUB'] },
      { accessKey: 'other', admin: 'true', topicPerms: [] },
    ],
    dataVersion: [{ counter: '1', timestamp: '1630000000000' }],
  });
});

test('what is not understood is refused with its line', () => {
  for (const [text, reason] of [
    ['a: 1\n\tb: 2', /^line 2: indent with spaces/],
    ['a: 1\n    b: 2\n', /^line 2: 4 spaces of indentation/],
    ['a: 1\na: 2', /^line 2: a is there twice/],
    ['a: &anchor b', /^line 1: .*quote it/],
    ['a: *', /^line 1: .*quote it/],
    ['a: [1, 2', /^line 1: a bracket is never closed/],
    ['a: "b', /^line 1: the quote " is never closed/],
    ['a: 1\nb', /^line 2: there is no "key: value"/],
    ['a:\n  - b\n c: d', /^line 3: /],
  ] as const) {
    assert.throws(() => parseYaml(text), { message: reason }, text);
  }
});

test('what is written is read again as it was', () => {
  const text = fc
    .string({ maxLength: 20 })
    .filter((one) => one.trim() !== '' && !/[\n\r]/.test(one));
  const value = fc.letrec<{ value: YamlValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
    ),
  })).value;
  const key = fc.stringMatching(/^[a-z]{1,8}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 5 }), (pairs) => {
      const map = new Map(pairs);
      assert.deepEqual(plain(parseYaml(writeYaml(map))), plain(map));
    }),
    { numRuns: 500 },
  );
});
