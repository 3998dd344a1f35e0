import { MqError, MqErrorCode, realClock } from '@skylarkmq/base';
import type { ConsumeFrom } from '../../consumer/start-offset.ts';
import type { ClientOptions } from '../../options/client-options.ts';
import type { PushConsumerOptions } from '../../push/push-consumer-options.ts';
import type { AliOnsOptions } from './options.ts';

/** Options of {@link Consumer}. */
export interface AliOnsConsumerOptions extends AliOnsOptions {
  readonly consumerGroup: string;
  /** Whether every member gets all messages. Default false. */
  readonly isBroadcast?: boolean;
  /** `CONSUME_FROM_` and `LAST_OFFSET` (default), `FIRST_OFFSET` or `TIMESTAMP`. */
  readonly consumeFromWhere?: string;
  /** Where `CONSUME_FROM_TIMESTAMP` starts: `20260102030405`. Default: half an hour ago. */
  readonly consumeTimestamp?: string;
  readonly pullThresholdForQueue?: number;
  readonly pullInterval?: number;
  readonly pullBatchSize?: number;
  /** Handlers at a time for a topic. Default 1. */
  readonly parallelConsumeLimit?: number;
  /** Default 16. */
  readonly maxReconsumeTimes?: number;
}

const HALF_HOUR_MS = 1_800_000;
const QUEUE_MESSAGES_DEFAULT = 500;
const RECONSUME_DEFAULT = 16;
const TIMESTAMP = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/;

/** Ours, without the topics. */
export function pushOptions(
  options: AliOnsConsumerOptions,
  client: ClientOptions,
): Omit<PushConsumerOptions, 'subscriptions'> {
  const { consumerGroup, isBroadcast, pullBatchSize, pullInterval } = options;
  return {
    ...client,
    group: consumerGroup,
    model: isBroadcast ? 'broadcasting' : 'clustering',
    consumeFrom: consumeFrom(options),
    maxReconsumeTimes: options.maxReconsumeTimes ?? RECONSUME_DEFAULT,
    queueMessagesMax: options.pullThresholdForQueue ?? QUEUE_MESSAGES_DEFAULT,
    ...(pullBatchSize === undefined ? {} : { pullBatchSize }),
    ...(pullInterval === undefined ? {} : { pullIntervalMs: pullInterval }),
  };
}

function consumeFrom({
  consumeFromWhere,
  consumeTimestamp,
  ports,
}: AliOnsConsumerOptions): ConsumeFrom {
  switch (consumeFromWhere) {
    case 'CONSUME_FROM_FIRST_OFFSET':
      return 'first';
    case 'CONSUME_FROM_TIMESTAMP':
      return { timestampMs: timestampOf(consumeTimestamp, ports) };
    default:
      return 'last';
  }
}

/** The local time that the text names, as in `ali-ons`. */
function timestampOf(text: string | undefined, ports: AliOnsOptions['ports']): number {
  if (text === undefined) return (ports?.clock ?? realClock).nowMs() - HALF_HOUR_MS;
  const [, year, month, day, hour, minute, second] = TIMESTAMP.exec(text) ?? [];
  if (year === undefined) {
    const reason = `consumeTimestamp must be yyyymmddhhmmss, not ${text}`;
    throw new MqError(MqErrorCode.InvalidArgument, reason);
  }
  const [mm, dd, h, m, s] = [month, day, hour, minute, second].map(Number);
  return new Date(Number(year), (mm ?? 1) - 1, dd, h, m, s).getTime();
}
