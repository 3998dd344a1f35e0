/** Writes down what a consumer was given and how it ended. */
import type { Clock, Prng } from '@skylarkmq/base';
import { PropertyName, type StoredMessage } from '@skylarkmq/message';
import type { TracedOutcome } from './trace-record.ts';
import type { TraceReporter } from './trace-reporter.ts';

/** One delivery that is being traced; the first end counts. */
export interface TracedDelivery {
  end(outcome: TracedOutcome): void;
}

/** What the tracer works with. */
export interface ConsumeTracerDeps {
  readonly reporter: TraceReporter;
  readonly clock: Clock;
  readonly prng: Prng;
  /** The group as users know it. */
  readonly group: string;
  /** A delivery that took this long ended with a timeout, whatever the handler says. */
  readonly timeoutMs: number;
}

const REGION_DEFAULT = 'DefaultRegion';
const REQUEST_ID_PARTS = 4;
const REQUEST_ID_PART_MAX = 0x1_0000_0000;

/** See the head of this file. */
export class ConsumeTracer {
  readonly #deps: ConsumeTracerDeps;

  constructor(deps: ConsumeTracerDeps) {
    this.#deps = deps;
  }

  /** A message is handed out; undefined if it is not to be traced. */
  // RocketMQ: ConsumeMessageTraceHookImpl#consumeMessageBefore, #consumeMessageAfter
  begin(message: StoredMessage, reconsumeTimes: number): TracedDelivery | undefined {
    const { reporter, clock, group, prng, timeoutMs } = this.#deps;
    const { properties } = message;
    if (properties.get(PropertyName.TraceSwitch) === 'false') return undefined;
    const timestamp = clock.nowMs();
    const startedMs = clock.monotonicMs();
    const requestId = newRequestId(prng);
    const messageId = properties.get(PropertyName.UniqueKey) ?? message.offsetMessageId;
    const keys = properties.get(PropertyName.Keys);
    reporter.record({
      type: 'SubBefore',
      timestamp,
      regionId: properties.get(PropertyName.MessageRegion) ?? REGION_DEFAULT,
      group,
      requestId,
      messageId,
      reconsumeTimes,
      keys,
    });
    let ended = false;
    return {
      end(outcome) {
        if (ended) return;
        ended = true;
        const costMs = Math.round(clock.monotonicMs() - startedMs);
        const tooLate = costMs >= timeoutMs && outcome !== 'exception';
        reporter.record({
          type: 'SubAfter',
          requestId,
          messageId,
          costMs,
          success: outcome === 'success',
          keys,
          outcome: tooLate ? 'timeout' : outcome,
          timestamp,
          group,
        });
      },
    };
  }

  /** Sends what waits and ends. */
  close(): Promise<void> {
    return this.#deps.reporter.close();
  }
}

function newRequestId(prng: Prng): string {
  const parts = Array.from({ length: REQUEST_ID_PARTS }, () => prng.below(REQUEST_ID_PART_MAX));
  return parts
    .map((part) => part.toString(16).padStart(8, '0'))
    .join('')
    .toUpperCase();
}
