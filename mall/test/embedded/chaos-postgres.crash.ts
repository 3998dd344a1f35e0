/** The mall under kill -9, with a PostgreSQL for all services. */
import { suite, test } from 'node:test';
import { startPostgres } from '../../../bench/servers.ts';
import { freePort } from '../../../conformance/servers/ports.ts';
import { skipWithout } from '../../../conformance/servers/toolchain.ts';
import { SURVIVAL, survive } from './survive.ts';

suite('the mall under kill -9', SURVIVAL, () => {
  test('with PostgreSQL', { skip: skipWithout('postgres') }, async () => {
    const server = await startPostgres(await freePort(), 'async');
    try {
      await survive({ database: server.address });
    } finally {
      await server.stop();
    }
  });
});
