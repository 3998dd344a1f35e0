/**
 * Namespaces. Of 4.x: the client puts `<namespace>%` in front of the names that it sends and takes
 * it off what it receives. The platform's own topics and groups stay as they are. Of 5.x: header
 * fields, which brokers ignore and proxies read.
 */

import { DLQ_PREFIX, isSystemGroup, isSystemTopic, RETRY_PREFIX } from '@skylarkmq/message';
import type { Outgoing } from '@skylarkmq/wire';

const SEPARATOR = '%';

/** The name of a topic or group as brokers know it. */
// RocketMQ: NamespaceUtil#wrapNamespace
export function withNamespace(namespace: string | undefined, name: string): string {
  if (namespace === undefined || name === '' || isSystem(name)) return name;
  const { prefix, rest } = split(name);
  if (rest.startsWith(namespace + SEPARATOR)) return name;
  return prefix + namespace + SEPARATOR + rest;
}

/** The name as the user knows it. */
// RocketMQ: NamespaceUtil#withoutNamespace
export function withoutNamespace(namespace: string | undefined, name: string): string {
  if (namespace === undefined || isSystem(name)) return name;
  const { prefix, rest } = split(name);
  const own = namespace + SEPARATOR;
  return rest.startsWith(own) ? prefix + rest.slice(own.length) : name;
}

/** The request with the fields of a namespace of 5.x. */
// RocketMQ: NamespaceRpcHook#doBeforeRequest
export function withNamespaceFields(outgoing: Outgoing, namespace: string): Outgoing {
  return {
    ...outgoing,
    ext: new Map([...(outgoing.ext ?? []), ['nsd', 'true'], ['ns', namespace]]),
  };
}

function split(name: string): { prefix: string; rest: string } {
  for (const prefix of [RETRY_PREFIX, DLQ_PREFIX]) {
    if (name.startsWith(prefix)) return { prefix, rest: name.slice(prefix.length) };
  }
  return { prefix: '', rest: name };
}

function isSystem(name: string): boolean {
  return isSystemTopic(name) || isSystemGroup(name);
}
