import type { Counter, Histogram, Meter } from '@opentelemetry/api';

/** What is counted and measured, by the names of the conventions for messaging. */
export interface Instruments {
  readonly sent: Counter;
  readonly consumed: Counter;
  readonly operationDuration: Histogram;
  readonly processDuration: Histogram;
}

/** Bounds in seconds, as the conventions advise. */
const BOUNDARIES: number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** Makes the instruments of one meter. */
export function instrumentsOf(meter: Meter): Instruments {
  const duration = { unit: 's', advice: { explicitBucketBoundaries: BOUNDARIES } };
  return {
    sent: meter.createCounter('messaging.client.sent.messages', {
      unit: '{message}',
      description: 'Messages that were sent',
    }),
    consumed: meter.createCounter('messaging.client.consumed.messages', {
      unit: '{message}',
      description: 'Messages that were handed to the application',
    }),
    operationDuration: meter.createHistogram('messaging.client.operation.duration', {
      ...duration,
      description: 'How long a send took',
    }),
    processDuration: meter.createHistogram('messaging.process.duration', {
      ...duration,
      description: 'How long a handler took',
    }),
  };
}
