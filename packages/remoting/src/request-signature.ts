/**
 * Signs requests for servers with access control: an HMAC over the values of all header fields, in
 * the order of their names, and the body. It must be the last thing done to a request.
 */
import { createHmac } from 'node:crypto';
import type { Outgoing } from '@skylarkmq/wire';

/** The name and secret of who asks. */
export interface RequestCredentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly securityToken?: string;
}

const ACCESS_KEY = 'AccessKey';
const SECURITY_TOKEN = 'SecurityToken';
const SIGNATURE = 'Signature';

/** The request with the caller's identity and signature in its header. */
// RocketMQ: AclClientRPCHook#doBeforeRequest, AclUtils#calSignature
export function signed(outgoing: Outgoing, credentials: RequestCredentials): Outgoing {
  const ext = new Map(outgoing.ext ?? []);
  ext.set(ACCESS_KEY, credentials.accessKey);
  if (credentials.securityToken !== undefined) ext.set(SECURITY_TOKEN, credentials.securityToken);
  ext.delete(SIGNATURE);
  const hmac = createHmac('sha1', credentials.secretKey);
  for (const name of [...ext.keys()].sort()) hmac.update(ext.get(name) ?? '', 'utf8');
  if (outgoing.body !== undefined && outgoing.body !== null) hmac.update(outgoing.body);
  ext.set(SIGNATURE, hmac.digest('base64'));
  return { ...outgoing, ext };
}
