import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ask, Merchant, Payment } from './merchant.ts';

const PROGRAM = fileURLToPath(new URL('provider-process.ts', import.meta.url));

suite('provider, killed', { timeout: 1_800_000 }, () => {
  test('what it said is true after a kill, and no callback is forgotten', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'provider-'));
    const merchant = await new Merchant().start();
    let child: ChildProcess | undefined;
    try {
      let started = await start(directory);
      child = started.child;
      merchant.answers.push(...Array.from({ length: 3 }, () => 503));
      const paid = await Promise.all(
        Array.from({ length: 3 }, async (_, index) => {
          const { id } = await merchant.open(started.url, `p_${index}`);
          return pay(started.url, id);
        }),
      );
      const open = await merchant.open(started.url, 'p_open');
      await merchant.waitFor(3);
      await kill(started.child);
      // The kill could have come in the middle of a line.
      await appendFile(join(directory, 'provider.jsonl'), '{"payment":{"id":"pp_cut');
      started = await start(directory);
      child = started.child;
      for (const one of paid) {
        const found = await ask(`${started.url}/v1/payments/${one.id}`);
        assert.equal(Payment.parse(await found.json()).state, 'captured');
      }
      // The kill may have come between an answer and its entry: then a callback comes twice.
      await merchant.waitUntil((callbacks) => {
        const taken = callbacks.filter(({ status }) => status === 200);
        return new Set(taken.map(({ event }) => event.reference)).size === 3;
      });
      assert.equal((await pay(started.url, open.id)).state, 'captured');
      const answer = await ask(`${started.url}/v1/payments?sinceMs=0`);
      const { payments } = z.object({ payments: z.array(Payment) }).parse(await answer.json());
      assert.equal(payments.length, 4);
    } finally {
      if (child !== undefined) await kill(child);
      await merchant.stop();
      await rm(directory, { recursive: true });
    }
  });
});

async function pay(url: string, id: string): Promise<z.infer<typeof Payment>> {
  const answer = await ask(`${url}/v1/payments/${id}/attempts`, 'POST', {});
  return Payment.parse(await answer.json());
}

async function start(directory: string): Promise<{ child: ChildProcess; url: string }> {
  const flags = ['--import', 'tsx', '--conditions=@skylarkmq/source'];
  const child = spawn(process.execPath, [...flags, PROGRAM, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  for await (const url of lines) return { child, url };
  throw new Error('The provider said nothing');
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
