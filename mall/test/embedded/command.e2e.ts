/** The command as a user starts it: everything in one process, errors in one line. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { z } from 'zod';
import { Child } from '../../../conformance/servers/child.ts';
import { eventually } from '../eventually.ts';
import { Shopper } from '../shopper.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const WISH = { items: [{ productId: 'kit-mug-01', quantity: 1, priceCents: 4_900 }] };

function run(...args: readonly string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
  });
  return { status, text: stdout + stderr };
}

suite('the command', { timeout: 1_800_000 }, () => {
  test('wrong flags: one line, status 2', () => {
    for (const [args, words] of [
      [['--prot', '1'], /--prot/],
      [['--port', 'x'], /--port x: it must be a number from 0 to 65535/],
      [['--service', 'order'], /--service needs --namesrv/],
      [['--service', 'orders', '--namesrv', 'x:1'], /orders: there are order, inventory/],
      [['--database', 'mysql://x', '--memory'], /"mysql:\/\/x" is no database/],
      [['--memory', '--data', 'x'], /--data has no meaning/],
    ] as const) {
      const { status, text } = run(...args);
      assert.match(text, words);
      assert.notEqual(status, 0);
    }
    const help = run('--help');
    assert.equal(help.status, 0);
    assert.match(help.text, /Without flags everything runs in one process/);
  });

  test('all of it from an empty directory, killed, and all is there again', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mall-command-'));
    const args = [MAIN, '--data', join(directory, 'data'), '--port', '0', '--json'];
    const start = async (): Promise<{ child: Child; edge: string }> => {
      const limitMs = 300_000;
      const child = new Child({ name: 'mall', command: process.execPath, args, limitMs });
      const line: unknown = JSON.parse(await child.firstLine());
      const { urls } = z.object({ urls: z.object({ edge: z.string() }) }).parse(line);
      return { child, edge: urls.edge };
    };
    let mall = await start();
    try {
      const shopper = new Shopper(() => mall.edge);
      // It asks all services, and waits for none of them for long.
      await eventually(
        'the mall to be ready',
        async () => (await shopper.fetch('GET', '/health/ready')).status === 200,
      );
      await shopper.register();
      const { id: userId } = await shopper.me();
      const before = await shopper.order(WISH);
      await shopper.until(before, 'awaiting-payment');
      await mall.child.kill();
      mall = await start();
      assert.equal((await shopper.me()).id, userId);
      await shopper.until(before, 'awaiting-payment');
      const order = await shopper.order({ ...WISH, useBalanceCents: 4_900 });
      await eventually('the order to be paid or on its way', async () =>
        ['paid', 'shipped'].includes((await shopper.read(order)).state),
      );
      assert.equal(await mall.child.stop(), 0);
    } finally {
      await mall.child.kill();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
