import type { Clock } from '@skylarkmq/base';

/** Names of broadcasting consumers that give none: their offset file must be found again. */
export const STABLE_INSTANCE_NAME = 'DEFAULT';

let instances = 0;

/**
 * A name that no other instance of this process or machine has: process id, time and a counter.
 * Two clients with one id in a group would be taken for one and share no queues.
 */
// RocketMQ: ClientConfig#changeInstanceNameToPID
export function uniqueInstanceName(clock: Clock): string {
  instances++;
  return `${process.pid}#${clock.nowMs()}${String(instances).padStart(6, '0')}`;
}

/** The id by which brokers know this client. */
// RocketMQ: ClientConfig#buildMQClientId
export function clientIdOf(clientIp: string, instanceName: string): string {
  return `${clientIp}@${instanceName}`;
}
