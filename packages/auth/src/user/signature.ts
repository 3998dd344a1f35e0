/** Checks the signature of a request: HMAC-SHA1 over all header values and the body. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Command, SignedFields } from '@skylarkmq/wire';

export const ACCESS_KEY = 'AccessKey';
const SIGNATURE = 'Signature';
const UNIQUE_KEY_QUERY = '_UNIQUE_KEY_QUERY';

/** Clients up to this version sign before they add the mark of a query by unique key. */
const V4_9_3 = 399;

const LEFT_OUT = [SIGNATURE];
const LEFT_OUT_OLD = [SIGNATURE, UNIQUE_KEY_QUERY];

/** Compares in a time that does not depend on where the first difference is. */
// RocketMQ: DefaultAuthenticationContextBuilder#build, AclSigner#calSignature
export function isSignedWith(secret: string, command: Command, fields: SignedFields): boolean {
  const given = fields.text(SIGNATURE);
  if (given === undefined || secret === '') return false;
  const content = fields.signedValues(command.version <= V4_9_3 ? LEFT_OUT_OLD : LEFT_OUT);
  const hmac = createHmac('sha1', secret).update(content);
  const { frame, bodyStart, bodyEnd } = command;
  if (bodyEnd > bodyStart) hmac.update(frame.subarray(bodyStart, bodyEnd));
  const wanted = Buffer.from(hmac.digest('base64'), 'latin1');
  const actual = Buffer.from(given, 'latin1');
  return actual.length === wanted.length && timingSafeEqual(actual, wanted);
}
