import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkLedger,
  hashOf,
  type LedgerEvent,
  ledgerBody,
  ledgerLine,
  parseLedger,
  readLedgerBody,
  violationsOf,
} from '../../src/index.ts';

const attempt = (id: string): LedgerEvent => ({ kind: 'attempt', id, producer: 'p' });
const ack = (id: string, offset: number): LedgerEvent => {
  return { kind: 'ack', id, producer: 'p', queue: 'q', offset };
};
const final = (id: string, offset: number, bodyHash = `hash of ${id}`): LedgerEvent => {
  return { kind: 'final', id, queue: 'q', offset, bodyHash };
};
const receipt = (id: string, offset: number, bodyHash = `hash of ${id}`): LedgerEvent => {
  return { kind: 'receipt', id, consumer: 'c', queue: 'q', offset, bodyHash };
};
const rules = { expectedHash: (id: string) => `hash of ${id}` };

function kinds(events: LedgerEvent[]): string {
  const words = violationsOf(checkLedger(events, rules)).split('\n');
  return words
    .map((line) => line.split(' ')[0])
    .join(' ')
    .trim();
}

test('a run without violation has none, and is counted', () => {
  const events = [attempt('1'), ack('1', 0), attempt('2'), attempt('2'), ack('2', 2)];
  events.push(receipt('1', 0), receipt('1', 0), receipt('2', 2));
  events.push(final('1', 0), final('2', 1), final('2', 2));
  const report = checkLedger(events, rules);
  assert.equal(violationsOf(report), '');
  assert.equal(report.attempts, 3);
  assert.equal(report.acks, 2);
  assert.equal(report.receipts, 3);
  assert.equal(report.stored, 3);
  assert.equal(report.duplicatesStored, 1);
  assert.equal(report.duplicatesReceived, 1);
});

test('each violation is found', () => {
  assert.equal(kinds([attempt('1'), ack('1', 0)]), 'LOST');
  assert.equal(kinds([final('1', 0)]), 'PHANTOM');
  assert.equal(
    kinds([attempt('1'), { kind: 'refused', id: '1', producer: 'p' }, final('1', 0)]),
    'PHANTOM',
  );
  assert.equal(kinds([attempt('1'), ack('1', 0), final('1', 0, 'other')]), 'CORRUPT');
  assert.equal(kinds([attempt('1'), receipt('1', 0)]), 'GHOST');
  const two = [attempt('1'), ack('1', 0), attempt('2'), ack('2', 0), final('2', 0)];
  assert.equal(kinds(two), 'LOST DIVERGED REORDERED');
  const swapped = [attempt('1'), ack('1', 1), attempt('2'), ack('2', 0)];
  assert.equal(kinds([...swapped, final('1', 1), final('2', 0)]), 'REORDERED');
  const concurrent = [attempt('1'), attempt('2'), ack('1', 1), ack('2', 0)];
  assert.equal(kinds([...concurrent, final('1', 1), final('2', 0)]), '');
});

test('a message that nobody acknowledged may be there or not', () => {
  assert.equal(kinds([attempt('1')]), '');
  assert.equal(kinds([attempt('1'), final('1', 0), receipt('1', 0)]), '');
});

test('a ledger survives as text, with a torn last line', () => {
  const events = [attempt('1'), ack('1', 0), receipt('1', 0), final('1', 0)];
  const text = events.map(ledgerLine).join('');
  assert.deepEqual(parseLedger(text), events);
  assert.deepEqual(parseLedger(`${text}{"kind":"at`), events);
  assert.throws(() => parseLedger('{"kind":"ack","id":"1"}\n'), /Line 1/);
});

test('a body proves itself', () => {
  const body = ledgerBody('producer-7', 300);
  assert.equal(body.length, 300);
  assert.deepEqual(readLedgerBody(body), {
    id: 'producer-7',
    intact: true,
    bodyHash: hashOf(body),
  });
  body[299] = 0;
  assert.equal(readLedgerBody(body).intact, false);
  assert.equal(readLedgerBody(Buffer.alloc(0)).intact, false);
});

test('a hundred thousand events take little time', () => {
  const events: LedgerEvent[] = [];
  for (let index = 0; index < 20_000; index++) {
    const id = String(index);
    events.push(attempt(id), ack(id, index), receipt(id, index), receipt(id, index));
  }
  for (let index = 0; index < 20_000; index++) events.push(final(String(index), index));
  assert.equal(violationsOf(checkLedger(events, rules)), '');
});
