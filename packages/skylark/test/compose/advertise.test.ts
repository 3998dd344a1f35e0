import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advertisedAddress, bindAddress, isAddress } from '../../src/compose/advertise.ts';

test('without flags everything is on loopback', async () => {
  assert.equal(bindAddress(undefined), '127.0.0.1');
  assert.deepEqual(await advertisedAddress('127.0.0.1', undefined), {
    host: '127.0.0.1',
    ip: '127.0.0.1',
    auto: false,
  });
});

test('bound to all addresses, clients are told the one by which they came', async () => {
  const { host, ip, auto } = await advertisedAddress('0.0.0.0', undefined);
  assert.equal(auto, true);
  assert.equal(ip, host);
  assert.ok(isAddress(host) && host !== '0.0.0.0', host);
});

test('an address that is given is the one that is told', async () => {
  for (const host of ['192.0.2.10', '2001:db8::1']) {
    const told = await advertisedAddress('0.0.0.0', host);
    assert.deepEqual(told, { host, ip: host, auto: false });
  }
});

test('a name is told as it is, and records carry its address', async () => {
  const told = await advertisedAddress(
    '0.0.0.0',
    'broker-0.mq.example',
    '--advertise',
    async () => {
      return '192.0.2.7';
    },
  );
  assert.deepEqual(told, { host: 'broker-0.mq.example', ip: '192.0.2.7', auto: false });
});

test('a name without an address is refused with the reason', async () => {
  const nobody = async (): Promise<string> => {
    throw new Error('nobody of that name');
  };
  await assert.rejects(advertisedAddress('0.0.0.0', 'nowhere.example', 'brokerIP1', nobody), {
    code: 'INVALID_ARGUMENT',
    message: 'brokerIP1 names nowhere.example, which has no address here (nobody of that name)',
  });
});

test('what is neither address nor name is refused, naming where it comes from', async () => {
  for (const bad of ['1.2.3', '256.1.1.1', '0.0.0.0', '::', 'x:y', 'a b', '-a.example', '']) {
    await assert.rejects(advertisedAddress('0.0.0.0', bad, 'brokerIP1'), {
      code: 'INVALID_ARGUMENT',
      message: /^brokerIP1 must be an IP address or a host name/,
    });
  }
  assert.throws(() => bindAddress('example.org'), { message: /^--bind must be/ });
});
