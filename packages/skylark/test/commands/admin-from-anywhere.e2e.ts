import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import { RemotingClient } from '@skylarkmq/remoting';
import { RequestCode } from '@skylarkmq/wire';
import { FREE_PORTS, Skylark, TemporaryFolder } from '../run-skylark.ts';

/** What both servers say of the setting; what it does is tested where it is decided. */
async function settings(flags: readonly string[]): Promise<readonly (string | undefined)[]> {
  using folder = new TemporaryFolder();
  await using skylark = new Skylark(['start', ...FREE_PORTS, ...flags], folder.path);
  const { namesrv, broker } = await skylark.ready();
  const deps = { clock: realClock, scheduler: realScheduler, logger: silentLogger };
  const client = new RemotingClient(deps);
  const ask = async (address: string, code: number): Promise<string | undefined> => {
    const { body } = await client.invoke(address, { code }, { timeoutMs: 60_000 });
    return /^adminFromAnywhere=(.*)$/m.exec(body?.toString() ?? '')?.[1];
  };
  const said = [
    await ask(namesrv, RequestCode.GetNamesrvConfig),
    await ask(broker, RequestCode.GetBrokerConfig),
  ];
  await client.close();
  return said;
}

test('changes from other machines are taken unsigned only when that is wanted', async () => {
  assert.deepEqual(await settings([]), ['false', 'false']);
  assert.deepEqual(await settings(['--admin-from-anywhere']), ['true', 'true']);
});
