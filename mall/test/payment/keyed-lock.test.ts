import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { KeyedLock } from '../../src/payment/keyed-lock.ts';

suite('keyed lock', () => {
  test('one at a time on a key, side by side on others, also after a failure', async () => {
    const lock = new KeyedLock();
    const log: string[] = [];
    const work =
      (name: string, fails = false) =>
      async (): Promise<string> => {
        log.push(`${name} in`);
        await setImmediate();
        log.push(`${name} out`);
        if (fails) throw new Error(name);
        return name;
      };
    const results = await Promise.allSettled([
      lock.run('x', work('a', true)),
      lock.run('x', work('b')),
      lock.run('y', work('c')),
      lock.run('x', work('d')),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    );
    const onX = log.filter((line) => !line.startsWith('c'));
    assert.deepEqual(onX, ['a in', 'a out', 'b in', 'b out', 'd in', 'd out']);
    assert.ok(log.indexOf('c in') < log.indexOf('b in'));
    await setImmediate();
    assert.equal(lock.size, 0);
  });
});
