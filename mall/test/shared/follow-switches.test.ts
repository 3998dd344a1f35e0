import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { suite, test } from 'node:test';
import { realClock } from '../../src/shared/clock.ts';
import { ALL_WELL, Faults } from '../../src/shared/faults.ts';
import { followSwitches } from '../../src/shared/follow-switches.ts';

suite('switches', { timeout: 1_800_000 }, () => {
  test('listeners hear of changes until they end', () => {
    const faults = new Faults();
    const heard: string[] = [];
    const end = faults.onChange(({ payment }) => heard.push(payment));
    faults.set({ payment: 'duplicate', poisonShipping: true });
    end();
    faults.set({ payment: 'ok' });
    assert.deepEqual(heard, ['duplicate']);
    assert.deepEqual(faults.switches, { ...ALL_WELL, poisonShipping: true });
  });

  test('follow the control room of another process, and stay when it is away', async () => {
    const wanted = { ...ALL_WELL, inventoryDown: true };
    const answers = [{ status: 500, body: '{}' }];
    answers.push({ status: 200, body: '{"inventoryDown":"perhaps"}' });
    const server = createServer((request, response) => {
      assert.equal(request.url, '/internal/switches');
      assert.equal(request.headers['x-mall-internal'], 'secret');
      const answer = answers.shift() ?? { status: 200, body: JSON.stringify(wanted) };
      response.writeHead(answer.status).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const faults = new Faults();
    const changed = new Promise<void>((resolve) => {
      faults.onChange(() => resolve());
    });
    const warnings: string[] = [];
    const end = followSwitches({
      faults,
      controlUrl: () => `http://127.0.0.1:${address.port}`,
      internalSecret: 'secret',
      clock: realClock,
      logger: {
        ...{ debug() {}, info() {}, error() {} },
        warn: (_fields, text) => warnings.push(text),
      },
    });
    await changed;
    await end();
    server.closeAllConnections();
    server.close();
    assert.deepEqual(faults.switches, wanted);
    assert.equal(warnings.length, 1, 'told once, not every second');
  });
});
