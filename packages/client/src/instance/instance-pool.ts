/**
 * Shares client instances among the producers and consumers of this process: those with equal
 * options use one set of connections and one client id, as long as a group appears in it once per
 * role (a second consumer of a group is a second member and needs an id of its own).
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { ResolvedClientOptions } from '../options/client-options.ts';
import { clientIdOf, uniqueInstanceName } from './client-id.ts';
import { ClientInstance } from './client-instance.ts';
import { localAddress } from './local-address.ts';

/** What a client registers as. */
export type Role = 'producer' | 'consumer' | 'admin';

/** A client's hold on a shared instance. */
export interface InstanceLease {
  readonly instance: ClientInstance;
  /** Gives it back; the last one closes the instance. */
  release(): Promise<void>;
}

interface Shared {
  readonly instance: ClientInstance;
  /** `role/group` of everybody who holds it. */
  readonly holders: Set<string>;
}

const shared = new Set<Shared>();

/** An instance for one group in one role: a shared one if there is one that fits. */
export function leaseInstance(
  options: ResolvedClientOptions,
  role: Role,
  group: string,
): InstanceLease {
  const holder = `${role}/${group}`;
  const found = find(options, holder) ?? create(options);
  found.holders.add(holder);
  let released = false;
  return {
    instance: found.instance,
    async release(): Promise<void> {
      if (released) return;
      released = true;
      found.holders.delete(holder);
      if (found.holders.size > 0) return;
      shared.delete(found);
      await found.instance.close();
    },
  };
}

function find(options: ResolvedClientOptions, holder: string): Shared | undefined {
  for (const candidate of shared) {
    if (!sameOptions(candidate.instance.options, options)) continue;
    if (!candidate.holders.has(holder)) return candidate;
    if (options.instanceName === undefined) continue;
    throw new MqError(
      MqErrorCode.InvalidArgument,
      `This process has a ${holder} with instance name ${options.instanceName} already: ` +
        'give this one another instanceName',
    );
  }
  return undefined;
}

function create(options: ResolvedClientOptions): Shared {
  const clientIp = options.clientIp ?? localAddress();
  const clientId = clientIdOf(clientIp, options.instanceName ?? uniqueInstanceName(options.clock));
  const instance = new ClientInstance(options, clientIp, clientId);
  const entry = { instance, holders: new Set<string>() };
  shared.add(entry);
  instance.start();
  return entry;
}

/** Whether two clients may share: every option equal, ports and logger the same objects. */
function sameOptions(left: ResolvedClientOptions, right: ResolvedClientOptions): boolean {
  const { nameServers, tls, credentials, codecs, ...rest } = left;
  const plain = Object.entries(rest);
  const other = new Map<string, unknown>(Object.entries(right));
  return (
    plain.every(([name, value]) => other.get(name) === value) &&
    nameServers.join() === right.nameServers.join() &&
    sameRecord(tls, right.tls) &&
    sameRecord(credentials, right.credentials) &&
    codecs.length === right.codecs.length &&
    codecs.every((codec, index) => codec === right.codecs[index])
  );
}

function sameRecord(left: object | undefined, right: object | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  const other = new Map<string, unknown>(Object.entries(right));
  const entries = Object.entries(left);
  return entries.length === other.size && entries.every(([name, v]) => other.get(name) === v);
}
