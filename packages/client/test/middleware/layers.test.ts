import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addLayer, type Layer, throughLayers } from '../../src/middleware/layers.ts';

interface Context {
  readonly log: string[];
}

function noting(name: string): Layer<Context, number> {
  return async ({ log }, next) => {
    log.push(`${name} in`);
    const result = await next();
    log.push(`${name} out`);
    return result + 1;
  };
}

test('the first layer is outermost; each sees the result of those inside', async () => {
  const context: Context = { log: [] };
  const result = await throughLayers([noting('a'), noting('b')], context, () => {
    context.log.push('work');
    return Promise.resolve(1);
  });
  assert.equal(result, 3);
  assert.deepEqual(context.log, ['a in', 'b in', 'work', 'b out', 'a out']);
});

test('a layer may answer itself, try again, or turn an error into a result', async () => {
  const context: Context = { log: [] };
  const fails = (): Promise<number> => {
    context.log.push('work');
    return context.log.length < 3 ? Promise.reject(new Error('no')) : Promise.resolve(7);
  };
  const again: Layer<Context, number> = async (_, next) => {
    for (;;) {
      try {
        return await next();
      } catch {
        context.log.push('again');
      }
    }
  };
  assert.equal(await throughLayers([again], context, fails), 7);
  assert.deepEqual(context.log, ['work', 'again', 'work']);
  const own: Layer<Context, number> = () => Promise.resolve(9);
  assert.equal(await throughLayers([own, again], context, fails), 9);
});

test('there are only so many layers', () => {
  const layers: Layer<Context, number>[] = [];
  for (let count = 0; count < 64; count++) addLayer(layers, noting('x'));
  assert.throws(() => addLayer(layers, noting('x')), { code: 'BUSY' });
});
