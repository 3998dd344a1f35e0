/**
 * Whether a callback is the provider's: an HMAC over the raw bytes, compared in constant time, and
 * a time that is near. Raw bytes, because what is parsed and printed again may differ; the time is
 * signed as well, so that a recorded callback is of no use later.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Why a callback is not believed. */
export type SignatureProblem = 'no-signature' | 'outside-window' | 'bad-signature';

/** What is checked. */
export interface SignedCallback {
  /** Header `x-provider-timestamp`: whole seconds. */
  readonly timestamp: string | undefined;
  /** Header `x-provider-signature`: 64 hexadecimal digits. */
  readonly signature: string | undefined;
  readonly body: Buffer;
}

/** A callback may be so much older or younger than our clock. */
export const CALLBACK_WINDOW_MS = 300_000;

const TIMESTAMP = /^\d{1,12}$/;
const SIGNATURE = /^[0-9a-f]{64}$/;

/**
 * Undefined when it is genuine. `secrets` are those that count now: two while one replaces the
 * other.
 */
export function signatureProblem(
  { timestamp, signature, body }: SignedCallback,
  secrets: readonly string[],
  nowMs: number,
): SignatureProblem | undefined {
  if (timestamp === undefined || !TIMESTAMP.test(timestamp)) return 'no-signature';
  if (signature === undefined || !SIGNATURE.test(signature)) return 'no-signature';
  if (Math.abs(nowMs - Number(timestamp) * 1000) > CALLBACK_WINDOW_MS) return 'outside-window';
  const given = Buffer.from(signature, 'hex');
  let isGenuine = false;
  for (const secret of secrets) {
    const hmac = createHmac('sha256', secret).update(`${timestamp}.`).update(body);
    // No early end: how long it takes tells nothing of which secret it was.
    isGenuine = timingSafeEqual(hmac.digest(), given) || isGenuine;
  }
  return isGenuine ? undefined : 'bad-signature';
}
