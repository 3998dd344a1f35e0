import { createHmac } from 'node:crypto';

/**
 * The header values of a callback: the time in whole seconds, and the HMAC over it and the body.
 */
export function signCallback(
  secret: string,
  body: string,
  atMs: number,
): { readonly timestamp: string; readonly signature: string } {
  const timestamp = String(Math.floor(atMs / 1000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { timestamp, signature };
}
