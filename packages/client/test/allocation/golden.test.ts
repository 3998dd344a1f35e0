/** Every strategy gives what the official Java client 5.5.0 gave (conformance/golden). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { jsonArray, jsonNumber, jsonObject, jsonString, parseFastjson } from '@skylarkmq/base';
import { compareMessageQueues } from '@skylarkmq/message';
import type { AllocationStrategy } from '../../src/allocation/allocation-strategy.ts';
import { averagely } from '../../src/allocation/averagely.ts';
import { averagelyByCircle } from '../../src/allocation/averagely-by-circle.ts';
import { consistentHash } from '../../src/allocation/consistent-hash.ts';
import { machineRoom } from '../../src/allocation/machine-room.ts';
import { machineRoomNearby } from '../../src/allocation/machine-room-nearby.ts';
import { queuesOf } from '../fake/queues.ts';

const strategies: readonly AllocationStrategy[] = [
  averagely,
  averagelyByCircle,
  consistentHash(),
  machineRoom(['rooma', 'roomc']),
  machineRoomNearby({
    roomOfQueue: (queue) => queue.brokerName.split('@')[0] ?? '',
    roomOfClient: (clientId) => clientId.split('-')[0] ?? '',
  }),
];

const golden = new URL('../../../../conformance/golden/allocation.json', import.meta.url);
const cases = jsonArray(parseFastjson(readFileSync(golden, 'utf8')), 'cases').map((value) => {
  const entry = jsonObject(value, 'case');
  const texts = (name: string): string[] =>
    jsonArray(entry.get(name), name).map((item) => jsonString(item, name));
  return {
    strategy: jsonString(entry.get('strategy'), 'strategy'),
    brokers: texts('brokers'),
    perBroker: jsonNumber(entry.get('perBroker'), 'perBroker'),
    clients: texts('clients'),
    shares: texts('shares'),
  };
});

for (const strategy of strategies) {
  test(`${strategy.name} shares out as the official client does`, () => {
    const mine = cases.filter((entry) => entry.strategy === strategy.name);
    assert.ok(mine.length >= 50, `${mine.length} cases`);
    for (const { brokers, perBroker, clients, shares } of mine) {
      const queues = queuesOf('TopicOrders', brokers, perBroker).sort(compareMessageQueues);
      const got = clients.map((clientId) =>
        strategy
          .allocate({ group: 'GroupOrders', clientId, queues, clientIds: clients })
          .map((queue) => queues.indexOf(queue))
          .join(' '),
      );
      assert.deepEqual(got, shares, JSON.stringify({ brokers, perBroker, clients }));
    }
  });
}

test('who is not a member gets nothing', () => {
  const queues = queuesOf('T', ['b'], 4);
  for (const strategy of strategies) {
    const share = strategy.allocate({ group: 'G', clientId: 'x-y', queues, clientIds: ['a-b'] });
    assert.deepEqual(share, [], strategy.name);
  }
});
