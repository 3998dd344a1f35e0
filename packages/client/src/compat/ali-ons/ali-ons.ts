/**
 * The interface of `ali-ons`, on top of this client: change the import, keep the program. See
 * docs/guide/migrating.md for what differs.
 */
export { type AliOnsConsumerOptions, Consumer, type ConsumerHandler } from './consumer.ts';
export { Message } from './message.ts';
export type { AliOnsOptions, HttpClient } from './options.ts';
export {
  type AliOnsProducerOptions,
  Producer,
  type SendResult,
} from './producer.ts';
