/** Takes the events of all orders down as they come, in order for each order. */
import { type ConsumerMessage, type Logger, PayloadError, PushConsumer } from '@skylarkmq/client';
import { ApiError, messageOf } from '../shared/api-error.ts';
import type { Faults } from '../shared/faults.ts';
import type { RunningConsumer } from '../shared/messaging/consumer.ts';
import { orderStatus } from '../shared/messaging/events.ts';
import type { TimelineStore } from './timeline-store.ts';

/** What it uses. */
export interface TimelineConsumerDeps {
  readonly namesrv: string;
  readonly store: TimelineStore;
  readonly faults: Faults;
  readonly logger: Logger;
  /** An order has a new event. */
  readonly stored: (orderId: string) => void;
}

const GROUP = 'mall-push';
const BATCH = 32;
const ORDERED_RETRY_MS = 300;

/** Resolves when it has its place in the group, which all gateways share. */
export async function startTimelineConsumer(deps: TimelineConsumerDeps): Promise<RunningConsumer> {
  const { namesrv, logger } = deps;
  const consumer = new PushConsumer({
    ...{ namesrv, logger, group: GROUP, subscriptions: orderStatus.name },
    ...{ ordered: true, consumeFrom: 'first', orderedRetryMs: ORDERED_RETRY_MS },
  });
  await consumer.start();
  const running = run(consumer, deps);
  return {
    group: GROUP,
    close: async () => {
      await consumer.close();
      await running;
    },
  };
}

async function run(consumer: PushConsumer, deps: TimelineConsumerDeps): Promise<void> {
  const { faults, logger } = deps;
  try {
    await consumer.runBatch(
      async (messages) => {
        for (const message of messages) await take(message, deps);
        if (faults.switches.crashAfterCommit && messages[0]?.reconsumeTimes === 0) {
          throw new ApiError('UNAVAILABLE', 'Failing after the commit, as it is switched on');
        }
      },
      { batchSize: BATCH },
    );
  } catch (error) {
    logger.error({ group: GROUP, error: messageOf(error) }, 'A consumer has ended');
  }
}

async function take(message: ConsumerMessage, deps: TimelineConsumerDeps): Promise<void> {
  const { logger, store, stored } = deps;
  try {
    const event = await orderStatus.read(message);
    const { atMs, eventId, orderId, userId } = event;
    await store.add({ atMs, eventId, orderId, userId, body: JSON.stringify(event) });
    stored(orderId);
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error;
    logger.warn({ messageId: message.messageId, error: error.message }, 'Not an event');
    await message.reject({ cause: error });
  }
}
