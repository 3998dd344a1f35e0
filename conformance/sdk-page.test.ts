/**
 * docs/sdk.md: its examples compile and run, one after the other, against Skylark, and its
 * tables have every option.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { Examples } from './docs/examples.ts';
import { brokerIsKnown } from './sdk/scenario.ts';
import { type AllInOne, startSkylark } from './servers/skylark.ts';

const ROOT = join(import.meta.dirname, '..');
const examples = new Examples('docs/sdk.md');

suite('docs/sdk.md', () => {
  let server: AllInOne | undefined;
  const output: string[] = [];
  const log = console.log;

  before(async () => {
    server = await startSkylark();
    await brokerIsKnown({ namesrv: server.namesrv });
    examples.write(server.namesrv);
    console.log = (...values: unknown[]) => output.push(values.map(String).join(' '));
  });
  after(async () => {
    console.log = log;
    examples.remove();
    await server?.stop();
  });

  test('the examples compile', () => examples.compile());

  for (let index = 0; index < examples.count; index++) {
    test(`example ${index + 1} of ${examples.count} runs`, () => examples.run(index));
  }

  test('the examples did what the page says', () => {
    assert.match(output[0] ?? '', /^ok [0-9A-F]{32} \d \d+$/);
    const handled = output.filter((line) => line.includes(' created '));
    assert.equal(handled.length, 1, 'the first message was consumed by its tag');
    assert.ok(output.some((line) => line.endsWith('The body of a message to orders is empty')));
  });
});

const OPTIONS = [
  ['All clients', 'options/client-options.ts', 'ClientOptions'],
  ['Producer', 'producer/producer-options.ts', 'ProducerOptions'],
  ['TransactionProducer', 'transaction/transaction-options.ts', 'TransactionProducerOptions'],
  ['PushConsumer', 'push/push-consumer-options.ts', 'PushConsumerOptions'],
  ['PullConsumer', 'pull/pull-consumer-options.ts', 'PullConsumerOptions'],
  ['SimpleConsumer', 'simple/simple-consumer-options.ts', 'SimpleConsumerOptions'],
  ['Schedule', 'cron/schedule.ts', 'ScheduleOptions'],
] as const;

for (const [title, file, name] of OPTIONS) {
  test(`docs/sdk.md has every option of ${name}`, () => {
    const source = readFileSync(join(ROOT, 'packages/client/src', file), 'utf8');
    const start = source.indexOf(`export interface ${name} `);
    const body = source.slice(start, source.indexOf('\n}', start));
    const options = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map((match) => match[1]);
    const section = examples.page.slice(examples.page.indexOf(`### ${title}\n`));
    const table = section.slice(0, section.indexOf('\n\n', section.indexOf('|---')) >>> 0);
    const listed = [...table.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
    assert.ok(options.length > 3);
    assert.deepEqual(listed, options);
  });
}
