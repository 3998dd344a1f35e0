/** All topics and groups of the mall: see docs/mall.md for who sends what to whom. */
import { Admin, type TopicMessageType } from '@skylarkmq/client';

export const TOPIC = {
  /** Timeline events, in order for each order id. */
  orderStatus: 'mall-order-status',
  /** What has to be undone for an order. */
  orderRollback: 'mall-order-rollback',
  /** Comes back when an order should have been paid. */
  orderTimeout: 'mall-order-timeout',
  /** A payment's outcome, for everybody. */
  payment: 'mall-payment',
  /** A payment that has to be given back. */
  refund: 'mall-refund',
  /** A new price, for every cache. */
  price: 'mall-price',
  /** What visitors put into carts, many at once. */
  cart: 'mall-cart',
  /** A question for the stock of a product, with its answer. */
  stockQuote: 'mall-stock-quote',
} as const;

export type TopicName = (typeof TOPIC)[keyof typeof TOPIC];

const MESSAGE_TYPES: Readonly<Record<TopicName, TopicMessageType>> = {
  'mall-order-status': 'FIFO',
  'mall-order-rollback': 'NORMAL',
  'mall-order-timeout': 'DELAY',
  // Transactional or from an outbox, by a setting: so both kinds must be welcome.
  'mall-payment': 'UNSPECIFIED',
  'mall-refund': 'NORMAL',
  'mall-price': 'NORMAL',
  'mall-cart': 'NORMAL',
  'mall-stock-quote': 'NORMAL',
};

const QUEUES = 4;

/** Makes all topics; changes nothing where they are there. */
export async function createTopics(namesrv: string): Promise<void> {
  await using admin = new Admin({ namesrv });
  for (const topic of Object.values(TOPIC)) {
    const messageType = MESSAGE_TYPES[topic];
    await admin.createTopic({ topic, queues: QUEUES, messageType, ordered: false });
  }
}
