/** The figures of GET_BROKER_RUNTIME_INFO under RocketMQ's names. */
import type { Clock, VolumeSpace } from '@skylarkmq/base';
import { SystemTopic } from '@skylarkmq/message';
import type { MessageStore } from '@skylarkmq/store';
import { OUR_VERSION, versionName } from '@skylarkmq/wire';
import type { ConsumerRegistry } from '../../consumer-group/consumer-registry.ts';
import type { DelayOffsets } from '../../delay/delay-offsets.ts';
import type { BrokerSettings } from '../../settings.ts';
import type { BrokerStats } from '../../stats/broker-stats.ts';
import type { TimerService } from '../../timer/timer-service.ts';

export interface RuntimeInfoDeps {
  readonly store: Pick<
    MessageStore,
    | 'durableOffset'
    | 'health'
    | 'lookMessage'
    | 'maxOffset'
    | 'maxPhysicalOffset'
    | 'minPhysicalOffset'
    | 'runtimeInfo'
  >;
  readonly stats: Pick<BrokerStats, 'runtimeInfo'>;
  readonly consumers: Pick<ConsumerRegistry, 'guard'>;
  readonly delayOffsets: Pick<DelayOffsets, 'snapshot'>;
  readonly timers: Pick<TimerService, 'figures'>;
  readonly clock: Clock;
  /** When the broker started, by the wall clock. */
  readonly startedAtMs: number;
  /** Of the volume that the log is on. */
  volume(): VolumeSpace;
  settings(): Pick<BrokerSettings, 'startAcceptSendRequestTimeStamp'>;
}

/**
 * Thread pools of Apache's broker, of which tools show the queues. Here requests are served as they
 * come: nothing waits.
 */
const POOLS: readonly string[] = ['send', 'pull', 'litePull', 'query', 'ack'];

// RocketMQ: AdminBrokerProcessor#prepareRuntimeInfo
export async function runtimeInfo(deps: RuntimeInfoDeps): Promise<Map<string, string>> {
  const { store, clock, startedAtMs } = deps;
  const timers = deps.timers.figures();
  const oldest = await store.lookMessage(store.minPhysicalOffset);
  const { totalBytes, availableBytes } = deps.volume();
  const info = new Map([...store.runtimeInfo(), ...deps.stats.runtimeInfo()]);
  const ratio = info.get('commitLogDiskRatio') ?? '0.0';
  const more: (readonly [string, string | number | boolean])[] = [
    ['brokerActive', store.health.writable],
    ['brokerVersionDesc', `V${versionName(OUR_VERSION).replaceAll('.', '_')}`],
    ['bootTimestamp', startedAtMs],
    ['runtime', duration(clock.nowMs() - startedAtMs)],
    ['consumeQueueDiskRatio', ratio],
    ['earliestMessageTimeStamp', oldest?.storeTimestamp ?? -1],
    ['startAcceptSendRequestTimeStamp', deps.settings().startAcceptSendRequestTimeStamp],
    ['dispatchMaxBuffer', 0],
    ['pageCacheLockTimeMills', 0],
    ['remainTransientStoreBufferNumbs', 0],
    ['remainHowManyDataToFlush', humanBytes(store.maxPhysicalOffset - store.durableOffset)],
    [
      'commitLogDirCapacity',
      `Total : ${humanBytes(totalBytes)}, Free : ${humanBytes(availableBytes)}.`,
    ],
    ['inconsistentSubscriptions', deps.consumers.guard.inconsistentGroups],
    ['timerReadBehind', Math.floor(timers.lateMs / 1000)],
    ['timerOffsetBehind', timers.offsetBehind],
    ['timerCongestNum', timers.pending],
    ['timerEnqueueTps', timers.takenPerSecond.toFixed(1)],
    ['timerDequeueTps', timers.deliveredPerSecond.toFixed(1)],
    ['getMessageEntireTimeMax', 0],
    ['EndTransactionQueueSize', 0],
    ['EndTransactionThreadPoolQueueCapacity', 0],
  ];
  for (const [name, value] of more) if (!info.has(name)) info.set(name, String(value));
  for (const pool of POOLS) {
    for (const figure of ['Size', 'Capacity', 'HeadWaitTimeMills']) {
      info.set(`${pool}ThreadPoolQueue${figure}`, '0');
    }
  }
  for (const [level, offset] of deps.delayOffsets.snapshot()) {
    const max = store.maxOffset(SystemTopic.Schedule, level - 1);
    info.set(`scheduleMessageOffset_${level}`, `${offset},${max}`);
  }
  return info;
}

/** RocketMQ: BrokerStats... `[ 0 days, 0 hours, 11 minutes, 42 seconds ]`. */
function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  return `[ ${days} days, ${hours} hours, ${minutes} minutes, ${seconds % 60} seconds ]`;
}

const UNITS: readonly string[] = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `0 B`, `252.0 GiB`. RocketMQ: MessageStoreUtil#toHumanReadable */
function humanBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${UNITS[unit]}`;
}
