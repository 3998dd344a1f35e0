/**
 * The store of a real Apache 5.5.0 broker with messages in flight (fixture pop-proxy) opens in a
 * Skylark broker: what nobody acknowledged comes again, and nothing else.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonString,
  jsonStringOr,
  realClock,
  realScheduler,
  silentLogger,
} from '@skylarkmq/base';
import { decodeRecords, SystemTopic } from '@skylarkmq/message';
import { RemotingClient } from '@skylarkmq/remoting';
import { PopMessage, ResponseCode } from '@skylarkmq/wire';
import { type Fixture, unpackFixture } from '../packages/store/test/fixture.ts';
import { freePort } from './servers/ports.ts';
import type { Server } from './servers/server.ts';
import { startSkylarkBroker, startSkylarkNamesrv } from './servers/skylark.ts';

const GROUP = 'GProbe';
const PATIENCE_MS = 120_000;
const TIMEOUT_MS = 30_000;
/** So long nothing more may come after the last message. */
const QUIET_POPS = 3;

/** Unique keys of the check points and acknowledgements that wait in the timer topic. */
function keysOf(fixture: Fixture): Set<string> {
  const keys = jsonArray(fixture.manifest.get('records'), 'records').flatMap((value) => {
    const record = jsonObject(value, 'record');
    const properties = jsonObject(record.get('properties'), 'properties');
    const isTimer = jsonString(record.get('topic'), 'topic') === SystemTopic.Timer;
    return isTimer ? [jsonStringOr(properties.get('UNIQ_KEY'), 'UNIQ_KEY', '')] : [];
  });
  return new Set(keys);
}

/** "topic@queue@offset" of the messages that were handed out and not acknowledged. */
function openPlaces(fixture: Fixture): string[] {
  const keys = keysOf(fixture);
  // Each check point of this store is of one message: its acknowledgement has the same fields.
  const isOpen = (key: string): boolean =>
    key.endsWith('@ck') && !keys.has(key.replace(/@ck$/, '@ack'));
  return [...keys].filter(isOpen).map((key) => key.split('@').slice(0, 3).join('@'));
}

/** Where the messages with a body of this checksum lie. */
function placesOf(fixture: Fixture): Map<number, string> {
  const places = jsonArray(fixture.manifest.get('records'), 'records').map((value) => {
    const record = jsonObject(value, 'record');
    const number = (name: string): number => jsonNumber(record.get(name), name);
    const topic = jsonString(record.get('topic'), 'topic');
    const place = `${topic}@${number('queueId')}@${number('queueOffset')}`;
    return [number('bodyCrc'), place] as const;
  });
  return new Map(places.reverse());
}

suite('a store of Apache with messages in flight', () => {
  const client = new RemotingClient({
    ...{ clock: realClock, scheduler: realScheduler, logger: silentLogger },
  });
  let fixture: Fixture;
  let namesrv: Server;
  let broker: Server;

  before(async () => {
    fixture = unpackFixture('pop-proxy');
    namesrv = await startSkylarkNamesrv();
    broker = await startSkylarkBroker({
      ...{ namesrv: namesrv.address, port: await freePort(), store: fixture.directory },
      settings: [
        ...['mappedFileSizeCommitLog=65536', 'mappedFileSizeConsumeQueue=6000'],
        ...['maxHashSlotNum=500', 'maxIndexNum=2000', 'mappedFileSizeTimerLog=52000'],
        // The fixture is older than any retention.
        ...['maxMessageSize=32768', 'fileReservedTime=1000000'],
      ],
    });
  });
  after(async () => {
    await client.close();
    await broker?.stop();
    await namesrv?.stop();
    fixture?.remove();
  });

  async function pop(): Promise<{ crc: number; reconsumeTimes: number }[]> {
    const ext = PopMessage.request.encode({
      ...{ consumerGroup: GROUP, topic: 'T1', queueId: -1, maxMsgNums: 32, initMode: 0 },
      ...{ invisibleTime: 600_000, pollTime: 2000, bornTime: Date.now(), order: false },
    });
    const answer = await client.invoke(
      broker.address,
      { code: PopMessage.code, ext },
      { timeoutMs: TIMEOUT_MS },
    );
    if (answer.code !== ResponseCode.Success || answer.body === null) return [];
    return decodeRecords(answer.body).map(({ bodyCrc: crc, reconsumeTimes }) => ({
      ...{ crc, reconsumeTimes },
    }));
  }

  test('what nobody acknowledged comes again, and nothing else', async () => {
    const expected = openPlaces(fixture);
    assert.ok(expected.length > 0, 'the fixture has messages in flight');
    const places = placesOf(fixture);
    const came: string[] = [];
    const deadline = Date.now() + PATIENCE_MS;
    for (let quiet = 0; quiet < QUIET_POPS; ) {
      assert.ok(Date.now() < deadline, `only ${came} came, of ${expected}`);
      const messages = await pop();
      for (const { crc, reconsumeTimes } of messages) {
        assert.equal(reconsumeTimes, 1);
        came.push(places.get(crc) ?? `unknown ${crc}`);
      }
      quiet = messages.length === 0 && came.length >= expected.length ? quiet + 1 : 0;
    }
    assert.deepEqual(came.sort(), expected.sort());
  });
});
