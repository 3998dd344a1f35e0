import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  type JsonObject,
  type JsonValue,
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonString,
  parseFastjson,
} from '@skylarkmq/base';

import { LogStore } from '../src/index.ts';
import { realOptions } from './real-store.ts';

const FIXTURES = fileURLToPath(new URL('../../../conformance/fixtures/', import.meta.url));

/** A real Apache store, unpacked to a directory of its own, with what its manifest says. */
export interface Fixture {
  readonly name: string;
  readonly directory: string;
  readonly manifest: JsonObject;
  remove(): void;
}

export function unpackFixture(name: string): Fixture {
  const root = mkdtempSync(`${tmpdir()}/skylark-fixture-`);
  execFileSync('tar', ['-xSzf', `${FIXTURES}${name}.tar.gz`, '-C', root]);
  const text = readFileSync(`${FIXTURES}${name}.json`, 'utf8');
  const manifest = jsonObject(parseFastjson(text, { depthMax: 64 }), name);
  return {
    name,
    directory: `${root}/${name}/store`,
    manifest,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** With the sizes of the broker that wrote it. */
export function openFixture(directory: string): Promise<LogStore> {
  return LogStore.open(
    realOptions(directory, {
      propertyCrc: false,
      commitLogFileBytes: 65536,
      consumeQueueFileBytes: 6000,
      consumeQueueExtFileBytes: 65536,
      batchConsumeQueueFileBytes: 4600,
      indexSlots: 500,
      indexEntries: 2000,
      maxMessageBytes: 32768,
      processId: process.pid,
      // The fixtures are older than any retention, and the disk of the test may be full.
      retention: { hours: 1e6, diskWarningRatio: 2 },
    }),
  );
}

export interface FixtureQueue {
  readonly topic: string;
  readonly queueId: number;
  readonly maxOffset: number;
  /** Queue offset, log position, record size, tags code as text. */
  readonly units: readonly (readonly [number, number, number, string])[];
}

export function queuesOf(fixture: Fixture): FixtureQueue[] {
  return list(fixture, 'consumeQueues').map((value) => {
    const queue = jsonObject(value, 'queue');
    return {
      topic: jsonString(queue.get('topic'), 'topic'),
      queueId: jsonNumber(queue.get('queueId'), 'queueId'),
      maxOffset: jsonNumber(queue.get('maxOffset'), 'maxOffset'),
      units: jsonArray(queue.get('units'), 'units').map((unit) => {
        const [offset, physical, size, tags] = jsonArray(unit, 'unit');
        return [
          jsonNumber(offset, 'offset'),
          jsonNumber(physical, 'physical'),
          jsonNumber(size, 'size'),
          jsonString(tags, 'tags'),
        ] as const;
      }),
    };
  });
}

export interface FixtureRecord {
  readonly physicalOffset: number;
  readonly totalSize: number;
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly sha256: string;
  readonly keys: string | null;
  readonly tags: string | null;
  readonly uniqKey: string | null;
  readonly storeTimestamp: number;
}

export function recordsOf(fixture: Fixture): FixtureRecord[] {
  return list(fixture, 'records').map((value) => {
    const record = jsonObject(value, 'record');
    return {
      physicalOffset: jsonNumber(record.get('phyOffset'), 'phyOffset'),
      totalSize: jsonNumber(record.get('totalSize'), 'totalSize'),
      topic: jsonString(record.get('topic'), 'topic'),
      queueId: jsonNumber(record.get('queueId'), 'queueId'),
      queueOffset: jsonNumber(record.get('queueOffset'), 'queueOffset'),
      sha256: jsonString(record.get('recordSha256'), 'recordSha256'),
      keys: textOrNull(record.get('keys')),
      tags: textOrNull(record.get('tags')),
      uniqKey: textOrNull(record.get('uniqKey')),
      storeTimestamp: jsonNumber(record.get('storeTimestamp'), 'storeTimestamp'),
    };
  });
}

export function logEndOf(fixture: Fixture): number {
  const log = jsonObject(fixture.manifest.get('commitLog'), 'commitLog');
  return jsonNumber(log.get('maxOffset'), 'maxOffset');
}

export function list(fixture: Fixture, name: string): readonly JsonValue[] {
  const value = fixture.manifest.get(name);
  return value === undefined || value === null ? [] : jsonArray(value, name);
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
