import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodiesOf, numberOf } from '../hot-path-client.ts';
import { withHotPath } from '../with-hot-path.ts';

test('what a pull lends of the log is given back, small and large answers alike', {
  timeout: 20_000,
}, async () => {
  await withHotPath(async ({ broker, client }) => {
    const { store } = broker;
    const getMessages = store.getMessages.bind(store);
    let found = 0;
    let released = 0;
    store.getMessages = (...args) => {
      const result = getMessages(...args);
      assert.ok(!(result instanceof Promise));
      const release = result.release.bind(result);
      if (result.count > 0) found++;
      result.release = () => {
        released++;
        release();
      };
      return result;
    };
    for (const body of ['small', 'L'.repeat(100_000)]) {
      const sent = await client.send({ body });
      const answer = await client.pull({ queueOffset: numberOf(sent, 'queueOffset') });
      assert.deepEqual(bodiesOf(answer), [body]);
    }
    // The last one when the socket has told that it has the bytes: in a later turn.
    while (released < 2) await new Promise<void>((resolve) => setImmediate(resolve));
    assert.equal(found, 2);
  });
});
