import type { BrokerOptions } from '../broker-options.ts';
import type { BrokerIdentity } from '../identity.ts';

/** What a broker that runs knows besides its options. */
export interface RunningBroker {
  readonly identity: BrokerIdentity;
  readonly port: number;
}

/** Effective values of the options under Apache's keys, for GET_BROKER_CONFIG. */
export function effectiveConfig(
  options: BrokerOptions,
  { identity, port }: RunningBroker,
): Map<string, string> {
  const colon = identity.address.lastIndexOf(':');
  const { directory, retention = {} } = options;
  const pairs: (readonly [string, unknown])[] = [
    ['brokerName', identity.brokerName],
    ['brokerClusterName', identity.brokerClusterName],
    ['brokerId', identity.brokerId],
    ['brokerIP1', identity.address.slice(0, colon)],
    ['brokerIP2', identity.address.slice(0, colon)],
    ['listenPort', port],
    ['bindAddress', options.host ?? '127.0.0.1'],
    ['namesrvAddr', options.namesrvAddresses.join(';')],
    ['brokerConfigPath', options.configPath],
    ['storePathRootDir', directory],
    ['storePathCommitLog', (options.commitLogDirectories ?? [`${directory}/commitlog`]).join(',')],
    ['brokerRole', 'ASYNC_MASTER'],
    ['flushDiskType', options.flush === 'sync' ? 'SYNC_FLUSH' : 'ASYNC_FLUSH'],
    ['enableLmq', options.multiDispatch ?? true],
    ['enableMultiDispatch', options.multiDispatch ?? true],
    ['enabledAppendPropCRC', options.propertyCrc ?? false],
    ['mappedFileSizeCommitLog', options.commitLogFileBytes],
    ['mappedFileSizeConsumeQueue', options.consumeQueueFileBytes],
    ['mappedFileSizeConsumeQueueExt', options.consumeQueueExtFileBytes],
    ['maxHashSlotNum', options.indexSlots],
    ['maxIndexNum', options.indexEntries],
    ['messageIndexEnable', options.indexEnabled],
    ['flushIntervalCommitLog', options.flushIntervalMs],
    ['syncFlushTimeout', options.flushTimeoutMs],
    ['fileReservedTime', retention.hours],
    ['deleteWhen', retention.deleteWhen],
    ['cleanResourceInterval', retention.intervalMs],
    ['cleanFileForciblyEnable', retention.cleanForcibly],
    ['diskMaxUsedSpaceRatio', percent(retention.diskMaxUsedRatio)],
    ['diskSpaceCleanForciblyRatio', percent(retention.diskCleanForciblyRatio)],
    ['diskSpaceWarningLevelRatio', percent(retention.diskWarningRatio)],
    ['serverChannelMaxIdleTimeSeconds', seconds(options.limits?.idleMs)],
  ];
  const config = new Map<string, string>();
  for (const [key, value] of pairs) if (value !== undefined) config.set(key, String(value));
  return config;
}

function percent(ratio: number | undefined): number | undefined {
  return ratio === undefined ? undefined : Math.round(ratio * 100);
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms / 1000);
}
