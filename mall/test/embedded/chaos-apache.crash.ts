/** The mall under kill -9, on a real Apache RocketMQ. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { startApacheBroker, startApacheNamesrv } from '../../../conformance/servers/apache.ts';
import { freePort } from '../../../conformance/servers/ports.ts';
import { skipWithout } from '../../../conformance/servers/toolchain.ts';
import { SURVIVAL, survive } from './survive.ts';

suite('the mall under kill -9', SURVIVAL, () => {
  test('with Apache RocketMQ', { skip: skipWithout('java', 'mvn') }, async () => {
    const namesrv = await startApacheNamesrv();
    const store = mkdtempSync(join(tmpdir(), 'mall-apache-'));
    try {
      const port = await freePort();
      const broker = await startApacheBroker({ namesrv: namesrv.address, port, store });
      await survive({ namesrv: namesrv.address }).finally(() => broker.stop());
    } finally {
      await namesrv.stop();
      rmSync(store, { recursive: true, force: true });
    }
  });
});
