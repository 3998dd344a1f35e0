/** Makes the machinery of a push consumer: the one that pulls, or the one that pops. */

import type { ConsumerRunningState } from '../consumer/consumer-member.ts';
import type { SendBackArguments } from '../consumer/consumer-network.ts';
import { createOffsetStore } from '../consumer/create-offset-store.ts';
import { errorText } from '../consumer/error-text.ts';
import { InstanceNetwork } from '../consumer/instance-network.ts';
import type { QueueOffset } from '../consumer/offset-store.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { ResolvedClientOptions } from '../options/client-options.ts';
import { InstancePopNetwork } from '../pop/pop-network.ts';
import { DEAD_LETTER_LEVEL } from './concurrent-settlement.ts';
import type { ConsumeEngine } from './consume-engine.ts';
import { PopAssignments } from './pop-assignments.ts';
import { type BuryArguments, PopEngine } from './pop-engine.ts';
import type { ResolvedPushOptions } from './push-consumer-options.ts';
import { PushEngine } from './push-engine.ts';
import { popRunningState, runningState } from './running-state.ts';

/** An engine with what is told of it to tools. */
export interface OpenedEngine {
  readonly engine: ConsumeEngine;
  /** To be called before the start: reads offsets that are kept here. */
  load(): Promise<void>;
  /** Has a broker check filters that only brokers understand. */
  check(): Promise<void>;
  /** As of the member; only what consumes lite topics has these two. */
  announced?(address: string): Promise<void>;
  liteTopicLost?(liteTopic: string): void;
  offsetsOf(topic: string): readonly QueueOffset[];
  runningInfo(startedAtMs: number): ConsumerRunningState;
}

/** Makes an engine in an instance, by options with names as brokers know them. */
export type EngineOpener = (
  instance: ClientInstance,
  client: ResolvedClientOptions,
  options: ResolvedPushOptions,
  offsetsDirectory: string,
) => OpenedEngine;

/** See the head of this file. */
export function openEngine(
  instance: ClientInstance,
  client: ResolvedClientOptions,
  options: ResolvedPushOptions,
  offsetsDirectory: string,
): OpenedEngine {
  if (options.mode === 'pop') return openPopEngine(instance, client, options);
  const { clock, logger, offsetPersistMs, scheduler } = client;
  const network = new InstanceNetwork(instance, options.group);
  const offsets = createOffsetStore({
    client,
    network,
    group: options.group,
    broadcasting: options.model === 'broadcasting',
    directory: offsetsDirectory,
  });
  const engine = new PushEngine({
    ...{ clock, scheduler, logger, network, offsets, offsetPersistMs, options },
  });
  return {
    engine,
    load: () => offsets.load(),
    check: () => network.check(options.subscriptions),
    offsetsOf: (topic) => offsets.offsetsOf(topic),
    runningInfo: (startedAtMs) => runningState(engine, offsets, options, startedAtMs),
  };
}

function openPopEngine(
  instance: ClientInstance,
  { clock, logger, scheduler }: ResolvedClientOptions,
  options: ResolvedPushOptions,
): OpenedEngine {
  const { allocation, group, popShareQueues } = options;
  const assignments = new PopAssignments(instance, {
    group,
    strategy: allocation.name,
    shareQueues: popShareQueues,
  });
  const network = new InstanceNetwork(instance, group);
  const engine = new PopEngine({
    ...{ clock, scheduler, logger, options, clientId: instance.clientId },
    network: new InstancePopNetwork(instance, group),
    assigned: (topic) => assignments.of(topic),
    heartbeat: () => instance.heartbeat(),
    bury: (message, brokerName, how) => network.sendBack(message, brokerName, burial(how)),
  });
  return {
    engine,
    load: () => Promise.resolve(),
    check: () => network.check(options.subscriptions),
    offsetsOf: () => [],
    runningInfo: (startedAtMs) => popRunningState(engine, options, startedAtMs),
  };
}

/** What makes a message a dead letter. */
export function burial({ error, reconsumeTimes }: BuryArguments): SendBackArguments {
  const lastError = errorText(error);
  return { delayLevel: DEAD_LETTER_LEVEL, maxReconsumeTimes: 0, reconsumeTimes, lastError };
}
