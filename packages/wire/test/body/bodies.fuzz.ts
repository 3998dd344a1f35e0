/** Damaged bodies: a value or a clear error. The valid ones are those of the official encoders. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MqError, randomSeed } from '@skylarkmq/base';
import { mutatedBytes } from '@skylarkmq/testkit';
import fc from 'fast-check';
import * as wire from '../../src/index.ts';

const seed = Number(process.env['SEED'] ?? randomSeed());
const path = new URL('../../../../conformance/golden/wire.txt', import.meta.url);
const bodies = readFileSync(path, 'utf8')
  .trimEnd()
  .split('\n')
  .filter((line) => line.startsWith('body/'))
  .map((line) => Buffer.from(line.split(' ')[1] ?? '', 'hex'));

const DECODERS: readonly ((body: Buffer) => unknown)[] = [
  wire.decodeTopicRoute,
  wire.decodeClusterInfo,
  wire.decodeHeartbeat,
  wire.decodeLockBatch,
  wire.decodeLockOk,
  wire.decodeRegisterBrokerBody,
  wire.decodeOldRegisterBrokerBody,
  wire.decodeCompressedRegisterBrokerBody,
  (body) => wire.decodeCompressedRegisterBrokerBody(body, true),
  wire.decodeSubscriptionGroupBody,
  wire.decodeSubscriptionGroupList,
  wire.decodeTopicConfigList,
  wire.decodeTopicList,
  wire.decodeConsumerList,
  wire.decodeTextTable,
];

test(`all decoders over all bodies (SEED=${seed})`, { timeout: 600_000 }, () => {
  assert.ok(bodies.length >= 8);
  fc.assert(
    fc.property(mutatedBytes(fc.constantFrom(...bodies)), (bytes) => {
      for (const decode of DECODERS) {
        try {
          decode(bytes);
        } catch (error) {
          if (!(error instanceof MqError)) throw error;
          assert.ok(['CORRUPT', 'INVALID_ARGUMENT'].includes(error.code), error.message);
        }
      }
    }),
    { seed, numRuns: 3000 },
  );
});
