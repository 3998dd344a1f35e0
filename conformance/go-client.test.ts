/** The official Go client, unmodified, against Skylark as a newcomer starts it. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { noteOutcome } from './compatibility/outcomes.ts';
import { runGo, scenarioNames } from './servers/official-client.ts';
import { type AllInOne, startSkylark } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

suite('official Go client', { skip: skipWithout('go') }, () => {
  let skylark: AllInOne;
  before(async () => {
    skylark = await startSkylark();
  });
  after(async () => {
    await skylark?.stop();
  });

  test('rocketmq-client-go/v2 v2.1.2', async (t) => {
    const names = [...(await scenarioNames('go')), 'request-reply'];
    const alone = await runGo(skylark.namesrv, ['request-reply']);
    const outcomes = [...alone, ...(await runGo(skylark.namesrv))];
    for (const name of names) {
      await t.test(name, () => {
        const outcome = outcomes.find((one) => one.name === name);
        assert.ok(outcome, 'no result: the client ended before');
        noteOutcome('go', name, outcome.error);
        assert.ok(outcome.ok, outcome.error);
      });
    }
  });
});
