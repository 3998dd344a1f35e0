/** Which requests change a server or show its secrets: from another machine they need a name. */
import type { Connection } from '@skylarkmq/remoting';
import type { Command } from '@skylarkmq/wire';

/** Codes of the admin plane: changes, and all about users. */
export const ADMIN_CODES: ReadonlySet<number> = new Set([
  // Topics, groups, offsets.
  ...[17, 18, 200, 207, 215, 222, 225, 309, 314, 353, 401, 513],
  // Files and settings.
  ...[25, 306, 316, 329, 323, 5001, 200_056, 610_002],
  // ACL 1.0 and 2.0.
  ...[50, 51, 52, 53, 54],
  ...[3001, 3002, 3003, 3004, 3005, 3006, 3007, 3008, 3009, 3010],
  // Name servers, controllers, containers.
  ...[100, 102, 205, 216, 217, 318, 327, 902, 903, 1009, 1010, 1011],
]);

/** Codes that other servers send to a broker and that change whom it follows. */
export const PEER_CODES: ReadonlySet<number> = new Set([906, 908, 1008]);

/** UPDATE_AND_GET_GROUP_FORBIDDEN, which asks when it has no value to set. */
const GROUP_FORBIDDEN = 353;

/** Whether it is a change: some codes ask when a field is left out. */
export function isAdminRequest(command: Command): boolean {
  if (command.code === GROUP_FORBIDDEN) return command.ext.has('readable');
  return ADMIN_CODES.has(command.code) || PEER_CODES.has(command.code);
}

/** Loopback, or both ends of the connection have the same address. */
export function isFromThisMachine({ remoteAddress, localAddress }: Connection): boolean {
  const host = hostOf(remoteAddress);
  return host.startsWith('127.') || host === '[::1]' || host === hostOf(localAddress);
}

/** The host of "host:port", IPv6 without its brackets. */
export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
