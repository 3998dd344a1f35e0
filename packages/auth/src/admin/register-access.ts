import type { RemotingServer } from '@skylarkmq/remoting';
import type { OpenAccess } from '../open-access.ts';
import { registerAclHandlers } from './acls.ts';
import { type PlainAdminDeps, registerPlainHandlers } from './plain.ts';
import { registerUserHandlers } from './users.ts';

/** Serves what tools ask about users, policies and accounts. */
export function registerAccessHandlers(
  server: RemotingServer,
  access: OpenAccess,
  names: Omit<PlainAdminDeps, 'plain'>,
): void {
  registerUserHandlers(server, access);
  registerAclHandlers(server, access.store);
  registerPlainHandlers(server, { ...names, plain: access.plain });
}
