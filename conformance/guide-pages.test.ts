/** docs/guide/: the examples of every page compile and run, in order, against Skylark. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { Examples } from './docs/examples.ts';
import { brokerIsKnown } from './sdk/scenario.ts';
import { type AllInOne, startSkylark } from './servers/skylark.ts';

const EXAMPLE_LIMIT_MS = 300_000;
const pages = readdirSync(join(import.meta.dirname, '../docs/guide')).filter(
  (name) => name !== 'README.md',
);

suite('docs/guide', () => {
  let server: AllInOne | undefined;
  const log = console.log;

  before(async () => {
    server = await startSkylark();
    await brokerIsKnown({ namesrv: server.namesrv });
    console.log = () => {};
  });
  after(async () => {
    console.log = log;
    await server?.stop();
  });

  for (const name of pages) {
    suite(name, () => {
      const examples = new Examples(`docs/guide/${name}`);
      before(() => examples.write(server?.namesrv ?? ''));
      after(() => examples.remove());

      test('has examples and they compile', () => {
        assert.ok(examples.count > 0);
        examples.compile();
      });

      for (let index = 0; index < examples.count; index++) {
        test(`example ${index + 1} of ${examples.count} runs`, { timeout: EXAMPLE_LIMIT_MS }, () =>
          examples.run(index),
        );
      }
    });
  }
});
