/** The official Java clients, unmodified, against Skylark as a newcomer starts it. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { noteOutcome } from './compatibility/outcomes.ts';
import { assertAllWell, JAVA_VERSIONS, runJava, scenarioNames } from './servers/official-client.ts';
import { type AllInOne, startSkylark } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

/** The rest is the same on any connection. */
const OVER_TLS = ['sync', 'big-bodies', 'push-tags', 'push-orderly'];

suite('official Java clients', { skip: skipWithout('java', 'mvn') }, () => {
  let skylark: AllInOne;
  before(async () => {
    skylark = await startSkylark();
  });
  after(async () => {
    await skylark?.stop();
  });

  for (const version of JAVA_VERSIONS) {
    test(`rocketmq-client ${version}`, async (t) => {
      const names = await scenarioNames(version);
      const { namesrv } = skylark;
      const outcomes = await runJava({ version, namesrv });
      for (const name of names) {
        await t.test(`${version}: ${name}`, () => {
          const outcome = outcomes.find((one) => one.name === name);
          assert.ok(outcome, 'no result: the client ended before');
          noteOutcome(`java-${version}`, name, outcome.error);
          assert.ok(outcome.ok, outcome.error);
        });
      }
    });

    test(`rocketmq-client ${version} over TLS, in its test mode`, async () => {
      const options = '-Dtls.enable=true';
      const { namesrv } = skylark;
      const outcomes = await runJava({ version, namesrv, scenarios: OVER_TLS, options });
      assertAllWell(outcomes);
      assert.equal(outcomes.length, OVER_TLS.length);
    });
  }

  test('a server that enforces TLS serves those who speak it, and nobody else', async () => {
    const strict = await startSkylark('--tls', 'enforcing');
    try {
      const run = { version: '5.5.0', namesrv: strict.namesrv, scenarios: ['sync'] } as const;
      assertAllWell(await runJava({ ...run, options: '-Dtls.enable=true' }));
      const [plain] = await runJava({ ...run, options: '-DwarmUpMs=0' });
      assert.equal(plain?.ok, false, 'a client without TLS was served');
    } finally {
      await strict.stop();
    }
  });
});
