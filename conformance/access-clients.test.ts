/** Official clients that sign their requests, against `skylark start --auth`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { assertAllWell, JAVA_VERSIONS, runGo, runJava } from './servers/official-client.ts';
import { type AllInOne, startSkylark } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

const JAVA = ['sync', 'push-tags', 'push-orderly', 'query-by-key-and-id', 'lite-pull-subscribe'];
/** Scenarios without the Go client's admin, which does not sign. */
const GO = ['push-tags'];

suite('official clients sign', { skip: skipWithout('java', 'mvn', 'go') }, () => {
  let skylark: AllInOne;
  let secret = '';

  before(async () => {
    skylark = await startSkylark('--auth');
    const text = readFileSync(join(skylark.data, 'conf/admin.secret'), 'utf8');
    secret = /secretKey: (\S+)/.exec(text)?.[1] ?? '';
  });
  after(async () => {
    await skylark?.stop();
  });

  for (const version of JAVA_VERSIONS) {
    test(`rocketmq-client ${version}`, async () => {
      const options = `-Dparallel=2 -DaccessKey=admin -DsecretKey=${secret}`;
      const run = { version, namesrv: skylark.namesrv, options };
      assertAllWell(await runJava({ ...run, scenarios: JAVA }));
    });
  }

  test('rocketmq-client-go/v2 v2.1.2', async () => {
    process.env['ACCESS_KEY'] = 'admin';
    process.env['SECRET_KEY'] = secret;
    try {
      assertAllWell(await runGo(skylark.namesrv, GO));
    } finally {
      delete process.env['ACCESS_KEY'];
      delete process.env['SECRET_KEY'];
    }
  });

  test('who signs with a wrong secret gets nowhere', async () => {
    const options = '-DwarmUpMs=0 -DaccessKey=admin -DsecretKey=wrong';
    const run = { version: '5.5.0', namesrv: skylark.namesrv, options } as const;
    const [outcome] = await runJava({ ...run, scenarios: ['sync'] });
    assert.equal(outcome?.ok, false);
  });
});
