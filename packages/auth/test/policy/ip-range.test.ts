import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIp, parseIpRange } from '../../src/policy/ip-range.ts';

test('ranges hold the addresses that begin with their bits', () => {
  for (const [range, inside, outside] of [
    ['10.0.0.0/8', '10.255.1.2', '11.0.0.0'],
    ['192.168.4.0/22', '192.168.7.255', '192.168.8.0'],
    ['10.1.2.3', '10.1.2.3', '10.1.2.4'],
    ['0.0.0.0/0', '1.2.3.4', '::1'],
    ['fd00::/8', 'fd12:3456::1', 'fe80::1'],
    ['::1', '[::1]', '::2'],
    ['10.0.0.0/8', '::ffff:10.1.1.1', 'fe80::10'],
  ] as const) {
    const holds = parseIpRange(range);
    assert.ok(holds !== undefined, range);
    assert.equal(holds(inside), true, `${range} has ${inside}`);
    assert.equal(holds(outside), false, `${range} has not ${outside}`);
  }
});

test('what is no range is told from one', () => {
  for (const text of [
    '',
    'x',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.0/33',
    '10.0.0.0/',
    ':::',
    '1::2::3',
  ]) {
    assert.equal(parseIpRange(text), undefined, text);
  }
  assert.deepEqual(parseIp('fe80::1%eth0')?.slice(0, 2), [0xfe, 0x80]);
  assert.equal(parseIp('1:2:3:4:5:6:7:8')?.length, 16);
  assert.equal(parseIp('1:2:3:4:5:6:7'), undefined);
});
