/** Makes the machinery of a consumer of lite topics: that of POP, with subscriptions of its own. */
import { DeadLetterProperty, PropertyName, type StoredMessage } from '@skylarkmq/message';
import { InstanceNetwork } from '../consumer/instance-network.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { ResolvedClientOptions } from '../options/client-options.ts';
import { burial, type OpenedEngine } from '../push/open-engine.ts';
import { PopEngine } from '../push/pop-engine.ts';
import type { ResolvedPushOptions } from '../push/push-consumer-options.ts';
import { popRunningState } from '../push/running-state.ts';
import { LitePopNetwork } from './lite-pop-network.ts';
import { LiteSubscriptions } from './lite-subscriptions.ts';

/** What the consumer adds to the options of a push consumer. */
export interface LiteEngineOptions {
  readonly liteTopicsMax: number;
  /** Another member took a lite topic over. */
  lost(liteTopic: string): void;
}

/** The engine, and what is subscribed to. */
export interface OpenedLiteEngine {
  readonly opened: OpenedEngine;
  readonly subscriptions: LiteSubscriptions;
  /** Ends pauses: a lite topic was added. */
  wake(): void;
  /** Gives back what waits of a lite topic. */
  giveBack(liteTopic: string): Promise<void>;
}

/** See the head of this file. */
export function openLiteEngine(
  instance: ClientInstance,
  { clock, logger, scheduler }: ResolvedClientOptions,
  options: ResolvedPushOptions,
  { liteTopicsMax, lost }: LiteEngineOptions,
): OpenedLiteEngine {
  const { group } = options;
  const topic = options.subscriptions[0]?.topic ?? '';
  const network = new LitePopNetwork(instance, group);
  const subscriptions = new LiteSubscriptions({
    ...{ requester: instance, logger, group, topic, max: liteTopicsMax },
    addresses: async () => {
      const queues = await network.brokersOf(topic);
      return Promise.all(queues.map((queue) => instance.masterOf(queue.brokerName, topic)));
    },
  });
  const letters = new InstanceNetwork(instance, group);
  const engine = new PopEngine({
    ...{ clock, scheduler, logger, options, network, clientId: instance.clientId },
    assigned: async () => {
      const queues = await network.brokersOf(topic);
      return queues.length === 0 ? undefined : queues;
    },
    heartbeat: () => instance.heartbeat(),
    bury: (message, brokerName, how) =>
      letters.sendAgain(withoutPlace(message), brokerName, burial(how)),
    lite: subscriptions,
  });
  const giveBack = (liteTopic: string): Promise<void> => engine.giveBackLite(liteTopic);
  const opened: OpenedEngine = {
    engine,
    load: () => Promise.resolve(),
    check: async () => network.check(await network.brokersOf(topic)),
    announced: (address) => subscriptions.announce(address),
    liteTopicLost: (liteTopic) => {
      if (!subscriptions.lost(liteTopic)) return;
      // Errors are logged inside.
      void giveBack(liteTopic);
      lost(liteTopic);
    },
    offsetsOf: () => [],
    runningInfo: (startedAtMs) => popRunningState(engine, options, startedAtMs),
  };
  return { opened, subscriptions, wake: () => engine.wake(), giveBack };
}

/** What puts a message into its lite topic, and what was noted while it was held there. */
const PLACE = [
  PropertyName.LiteTopic,
  PropertyName.InnerMultiDispatch,
  PropertyName.InnerMultiQueueOffset,
  PropertyName.PopCheckpoint,
  PropertyName.FirstPopTime,
];

/**
 * The message as a dead letter is made of it. Brokers of Apache, asked to bury it themselves, put
 * the letter into the lite topic once more.
 */
function withoutPlace(message: StoredMessage): StoredMessage {
  const properties = new Map(message.properties);
  const liteTopic = properties.get(PropertyName.LiteTopic);
  if (liteTopic !== undefined) properties.set(DeadLetterProperty.OriginLiteTopic, liteTopic);
  for (const name of PLACE) properties.delete(name);
  return { ...message, properties };
}
