/** Opens the timers of a broker's store. */
import { JsonFile } from '@skylarkmq/base';
import { RecordKind, RecordView, SystemTopic } from '@skylarkmq/message';
import { type MessageStore, TimerIndex } from '@skylarkmq/store';
import type { BrokerOptions } from '../broker-options.ts';
import { TimerMetrics } from './timer-metrics.ts';
import { TimerService, type TimerSettings } from './timer-service.ts';

const HOUR_MS = 3600_000;
/** RocketMQ: fileReservedTime */
const RETENTION_HOURS = 72;

type Options = Pick<
  BrokerOptions,
  'clock' | 'scheduler' | 'logger' | 'fileSystem' | 'directory' | 'retention' | 'timerLogFileBytes'
>;

export interface OpenTimersDeps extends Options {
  readonly store: MessageStore;
  settings(): TimerSettings;
}

/** Recovers what is there; `start` of the result begins to deliver. */
export async function openTimers(deps: OpenTimersDeps): Promise<TimerService> {
  const { clock, scheduler, logger, fileSystem, directory, store, settings } = deps;
  const { timerLogFileBytes, retention } = deps;
  const file = new JsonFile(fileSystem, `${directory}/config/timermetrics`, logger);
  const metrics = new TimerMetrics({ file, clock });
  metrics.load();
  const index = await TimerIndex.open({
    ...{ fileSystem, directory, logger },
    ...(timerLogFileBytes === undefined ? {} : { logFileBytes: timerLogFileBytes }),
    queueRange: {
      min: store.minOffset(SystemTopic.Timer, 0),
      max: store.maxOffset(SystemTopic.Timer, 0),
    },
    queueOffsetOf: (physicalOffset, bytes) => queueOffsetOf(store, physicalOffset, bytes),
  });
  const retentionMs = (retention?.hours ?? RETENTION_HOURS) * HOUR_MS;
  return new TimerService({
    ...{ store, index, metrics, clock, scheduler, logger, retentionMs, settings },
  });
}

async function queueOffsetOf(store: MessageStore, at: number, bytes: number): Promise<number> {
  const record = await store.readRecord(at, bytes);
  const view = new RecordView();
  if (record === null || view.at(record, 0) !== RecordKind.Record) return -1;
  const topic = view.buffer.toString('utf8', view.topicStart, view.topicEnd);
  return topic === SystemTopic.Timer ? view.queueOffset : -1;
}
