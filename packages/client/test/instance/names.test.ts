import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, MqError, MqErrorCode, realClock } from '@skylarkmq/base';
import { clientIdOf, uniqueInstanceName } from '../../src/instance/client-id.ts';
import { NameServerList } from '../../src/instance/name-server-list.ts';
import { withNamespace, withoutNamespace } from '../../src/instance/namespace.ts';
import { received } from '../fake/recording-requester.ts';

test('a namespace goes in front of names, behind the prefixes of the platform', () => {
  for (const [name, wrapped] of [
    ['T', 'ns%T'],
    ['%RETRY%G', '%RETRY%ns%G'],
    ['%DLQ%G', '%DLQ%ns%G'],
  ] as const) {
    assert.equal(withNamespace('ns', name), wrapped);
    assert.equal(withNamespace('ns', wrapped), wrapped, 'once is enough');
    assert.equal(withoutNamespace('ns', wrapped), name);
  }
  for (const name of ['TBW102', 'rmq_sys_x', 'other%T', 'T']) {
    assert.equal(withNamespace(undefined, name), name);
    assert.equal(withoutNamespace('ns', name), name);
  }
  assert.equal(withNamespace('ns', 'TBW102'), 'TBW102');
});

test('instance names are unique in a process', () => {
  assert.notEqual(uniqueInstanceName(realClock), uniqueInstanceName(realClock));
  assert.equal(clientIdOf('10.0.0.1', 'me'), '10.0.0.1@me');
});

test('the next name server is asked when one does not answer, and kept', async () => {
  const asked: string[] = [];
  const list = new NameServerList(
    ['dead:1', 'alive:2', 'spare:3'],
    (address) => {
      asked.push(address);
      if (address === 'dead:1') return Promise.reject(new MqError(MqErrorCode.Connect, 'refused'));
      return Promise.resolve(received({ code: 0 }));
    },
    1_000,
    { ...createPrng(1), below: () => 0 },
  );
  await list.request({ code: 1 });
  await list.request({ code: 1 });
  assert.deepEqual(asked, ['dead:1', 'alive:2', 'alive:2']);
});

test('when none answers, all are named and the reason is given', async () => {
  const list = new NameServerList(
    ['a:1', 'b:2'],
    (address) => Promise.reject(new MqError(MqErrorCode.Connect, `${address} refused`)),
    1_000,
    { ...createPrng(1), below: () => 1 },
  );
  await assert.rejects(list.request({ code: 1 }), {
    code: 'CONNECT',
    retryable: true,
    message: /No name server answers, tried a:1, b:2 \(option namesrv\): a:1 refused/,
  });
});
