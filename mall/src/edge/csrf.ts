/**
 * Against requests that another site makes a visitor's browser send: what changes something needs
 * a header with the value of a cookie, which only our own pages can read. The value is signed, so
 * that a cookie that somebody else planted is of no use.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export const CSRF_COOKIE = 'mall_csrf';
export const CSRF_HEADER = 'x-csrf-token';
const NONCE_BYTES = 16;

export function newCsrfToken(secret: string): string {
  const nonce = randomBytes(NONCE_BYTES).toString('base64url');
  return `${nonce}.${sign(nonce, secret)}`;
}

export function isCsrfToken(token: string, secret: string): boolean {
  const [nonce = '', signature = ''] = token.split('.');
  const [given, expected] = [Buffer.from(signature), Buffer.from(sign(nonce, secret))];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function sign(nonce: string, secret: string): string {
  return createHmac('sha256', secret).update(`csrf ${nonce}`).digest('base64url');
}
