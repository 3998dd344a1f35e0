import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import { CALLBACK_WINDOW_MS, signatureProblem } from '../../src/payment/callback-signature.ts';

const SECRET = 'the-secret-of-the-shop';
const NOW_MS = 1_700_000_000_000;

function signed(body: Buffer, atMs = NOW_MS, secret = SECRET) {
  const timestamp = String(atMs / 1000);
  const signature = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
  return { timestamp, signature, body };
}

suite('signature of a callback', () => {
  test('genuine bytes are believed, whatever they are', () => {
    for (const body of [Buffer.from('{"a":1}'), randomBytes(300), Buffer.alloc(0)]) {
      assert.equal(signatureProblem(signed(body), [SECRET], NOW_MS), undefined);
    }
  });

  test('each changed bit is noticed', () => {
    const body = Buffer.from('{"amountCents":100}');
    const good = signed(body);
    for (let bit = 0; bit < body.length * 8; bit++) {
      const changed = Buffer.from(body);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const problem = signatureProblem({ ...good, body: changed }, [SECRET], NOW_MS);
      assert.equal(problem, 'bad-signature');
    }
    const moved = { ...good, timestamp: String(NOW_MS / 1000 + 1) };
    assert.equal(signatureProblem(moved, [SECRET], NOW_MS), 'bad-signature');
  });

  test('300 seconds off is near, 301 is not', () => {
    const body = Buffer.from('{}');
    for (const sign of [-1, 1]) {
      const edge = signed(body, NOW_MS + sign * CALLBACK_WINDOW_MS);
      assert.equal(signatureProblem(edge, [SECRET], NOW_MS), undefined);
      const beyond = signed(body, NOW_MS + sign * (CALLBACK_WINDOW_MS + 1_000));
      assert.equal(signatureProblem(beyond, [SECRET], NOW_MS), 'outside-window');
    }
  });

  test('what is no signature is refused before anything is computed', () => {
    const good = signed(Buffer.from('{}'));
    const { signature } = good;
    for (const given of [
      undefined,
      '',
      'zz',
      signature.slice(1),
      `${signature}0`,
      '0'.repeat(64),
    ]) {
      const problem = signatureProblem({ ...good, signature: given }, [SECRET], NOW_MS);
      assert.equal(problem, given?.length === 64 ? 'bad-signature' : 'no-signature');
    }
    for (const timestamp of [undefined, '', '-1', '1e9', 'now', '1'.repeat(13)]) {
      const problem = signatureProblem({ ...good, timestamp }, [SECRET], NOW_MS);
      assert.equal(problem, 'no-signature');
    }
  });

  test('two secrets count while one replaces the other', () => {
    const body = Buffer.from('{}');
    const old = signed(body, NOW_MS, 'an-older-secret');
    assert.equal(signatureProblem(old, [SECRET], NOW_MS), 'bad-signature');
    assert.equal(signatureProblem(old, [SECRET, 'an-older-secret'], NOW_MS), undefined);
    assert.equal(signatureProblem(signed(body), [SECRET, 'an-older-secret'], NOW_MS), undefined);
  });
});
