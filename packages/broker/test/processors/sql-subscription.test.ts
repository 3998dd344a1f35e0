/** Subscriptions by SQL92 that heartbeats bring, and members of a group that disagree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonFile, jsonObjectOr } from '@skylarkmq/base';
import { encodeHeartbeat, RequestCode } from '@skylarkmq/wire';
import { type Domains, startDomains, type TestClient } from '../domains.ts';

async function beat(
  client: TestClient,
  clientID: string,
  sql: string,
  subVersion = 1,
): Promise<{ code: number; remark: string | null }> {
  const subscription = { topic: 'T', subString: sql, expressionType: 'SQL92', subVersion };
  const body = encodeHeartbeat({
    ...{ clientID, heartbeatFingerprint: 0, withoutSub: false, producerDataSet: [] },
    consumerDataSet: [
      {
        ...{ groupName: 'G', consumeType: 'CONSUME_PASSIVELY', messageModel: 'CLUSTERING' },
        ...{ consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET', unitMode: false },
        subscriptionDataSet: [
          { ...subscription, tagsSet: [], codeSet: [], classFilterMode: false },
        ],
      },
    ],
  });
  return await client.ask({ code: RequestCode.HeartBeat, body });
}

/** The expression of the group in consumerFilter.json. */
function kept(broker: Domains): unknown {
  broker.consumerFilters.close();
  const root = new JsonFile(broker.disk, '/store/config/consumerFilter.json').load();
  const topics = jsonObjectOr(jsonObjectOr(root, 'root').get('filterDataByTopic'), 'topics');
  const groups = jsonObjectOr(topics.get('T'), 'T').get('groupFilterData');
  return jsonObjectOr(jsonObjectOr(groups, 'groups').get('G'), 'G').get('expression');
}

test('an expression is kept while it is right and somebody wants it', async () => {
  const broker = await startDomains();
  const client = broker.client();
  assert.equal((await beat(client, 'a', 'a > 1')).code, 0);
  assert.equal(broker.consumerFilters.find('T', 'G')?.expression, 'a > 1');
  await beat(client, 'a', 'a > 2');
  assert.equal(broker.consumerFilters.find('T', 'G')?.expression, 'a > 1', 'not newer');
  await beat(client, 'a', 'a > 2', 2);
  assert.equal(broker.consumerFilters.find('T', 'G')?.expression, 'a > 2');
  await beat(client, 'a', 'a >', 3);
  assert.equal(broker.consumerFilters.find('T', 'G'), undefined);
  await beat(client, 'a', 'a > 4', 4);
  for (const connection of broker.consumers.group('G')?.clients.keys() ?? []) {
    broker.consumers.connectionClosed(connection);
  }
  assert.ok((broker.consumerFilters.find('T', 'G')?.deadTime ?? 0) > 0);
  assert.equal(kept(broker), 'a > 4');
  await broker.close();
});

test('members that disagree are counted, and refused where that is set', async () => {
  const broker = await startDomains();
  const [one, two] = [broker.client(), broker.client()];
  const { guard } = broker.consumers;
  await beat(one, 'a', 'a > 1');
  assert.equal((await beat(two, 'b', 'a > 5')).code, 0);
  assert.equal(guard.inconsistentGroups, 1);
  assert.equal(guard.disagreement('G')?.about, 'topic T: "SQL92 a > 1" and "SQL92 a > 5"');
  await beat(two, 'b', 'a > 1', 2);
  assert.equal(guard.inconsistentGroups, 0);
  broker.change({ rejectInconsistentSubscription: true });
  const refused = await beat(broker.client(), 'c', 'a > 9', 3);
  assert.notEqual(refused.code, 0);
  assert.match(refused.remark ?? '', /c subscribes differently than a.*rejectInconsistent/s);
  assert.equal(guard.inconsistentGroups, 0);
  await broker.close();
});
