/** The mall under kill -9, as it comes: with its own platform and PGlite. */
import { suite, test } from 'node:test';
import { SURVIVAL, survive } from './survive.ts';

suite('the mall under kill -9', SURVIVAL, () => {
  test('with the platform and PGlite', () => survive({}));
});
