import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName } from '@skylarkmq/base';

const NAMES = ['flushDiskType', 'fileReservedTime', 'listenPort', 'deleteWhen'];

test('a slip of the finger finds the name that was meant', () => {
  assert.equal(nearestName('flushDiskTyp', NAMES), 'flushDiskType');
  assert.equal(nearestName('LISTENPORT', NAMES), 'listenPort');
  assert.equal(nearestName('fileReserveTimes', NAMES), 'fileReservedTime');
});

test('what is like nothing finds nothing', () => {
  assert.equal(nearestName('xyzzy', NAMES), undefined);
  assert.equal(nearestName('', NAMES), undefined);
  assert.equal(nearestName('x'.repeat(1_000_000), NAMES), undefined);
});
