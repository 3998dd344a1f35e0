import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, type Prng, randomSeed } from '@skylarkmq/base';
import { type Command, RequestCode } from '@skylarkmq/wire';
import { type AdminBroker, startAdminBroker } from '../admin-broker.ts';

/** Requests of each code. */
const ROUNDS = process.env['SKYLARK_SOAK'] === '1' ? 2000 : 25;
/** No header has more fields that must be there. */
const FIELDS_MAX = 30;
const VALUES = [
  ...['', '0', '1', '-1', '2147483648', '-9223372036854775808', '9223372036854775807', '1e3'],
  ...['true', 'false', 'T', 'T', 'T', 'G', 'G', '%RETRY%G', '%DLQ%G', 'TBW102', 'rmq_sys_x', 'a b'],
  ...[
    '1 0 0 0 0 a 0 0',
    '* ',
    '$T',
    'a=1;b=2',
    '{"a":[',
    '\u0001\u0002',
    'ü\ud800',
    'SQL92',
    'TAG',
  ],
];
const BODIES = [
  ...['', '{}', '[]', 'null', '{"a":', '[[[[[[', 'a=b\n', '{"topic":"T"}', '{"consumerGroup":"G"}'],
  ...[
    '{"clientID":"c","consumerDataSet":[{}],"producerDataSet":[null]}',
    '\u0000\u0000\u0000\u0007',
  ],
];
/** What a mistake of ours looks like; a refusal names the field and what it should be. */
const MISTAKE =
  /Cannot read prop|is not a function|is not iterable|of undefined|NaN|\[object |out of range/;

function pick<Value>(prng: Prng, values: readonly Value[]): Value {
  const value = values[prng.below(values.length)];
  assert.ok(value !== undefined);
  return value;
}

/** Waits for the answer; requests that are held come back when the time moves. */
async function answered(running: AdminBroker, asked: Promise<Command>): Promise<Command> {
  let isOpen = true;
  const settled = asked.finally(() => {
    isOpen = false;
  });
  // Rejects below as well; this only keeps an early one from being nobody's.
  settled.catch(() => undefined);
  for (let turn = 0; isOpen; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (turn > 50 && isOpen) await running.time.advance(1000);
  }
  return settled;
}

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`every request code answers whatever it is asked (SEED=${seed})`, async (t) => {
  const prng = createPrng(seed);
  const running = await startAdminBroker(t);
  await running.makeTopic('T');
  await running.send('T', 'a body');
  for (const [name, code] of Object.entries(RequestCode)) {
    for (let round = 0; round < ROUNDS; round++) {
      const ext: Record<string, string> = {};
      const body = prng.below(2) === 0 ? undefined : pick(prng, BODIES);
      for (let fields = 0; fields < FIELDS_MAX; fields++) {
        const answer = await answered(running, running.ask(code, ext, body));
        const where = `seed ${seed}: ${name} ${JSON.stringify(ext)} ${body}: ${answer.remark}`;
        assert.ok(Number.isInteger(answer.code), where);
        assert.doesNotMatch(answer.remark ?? '', MISTAKE, where);
        const missing = /the custom field <(\w+)> is null/.exec(answer.remark ?? '')?.[1];
        if (missing === undefined) break;
        ext[missing] = pick(prng, VALUES);
      }
    }
  }
  assert.equal((await running.ask(RequestCode.GetBrokerConfig)).code, 0, `seed ${seed}`);
});
