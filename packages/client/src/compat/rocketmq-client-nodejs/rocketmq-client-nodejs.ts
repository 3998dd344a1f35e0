/**
 * The interface of `rocketmq-client-nodejs`, on top of this client: change the import, and give
 * `endpoints` the name server's address. See docs/guide/migrating.md for what differs.
 */
export {
  BaseClient,
  type BaseClientOptions,
  type ILogger,
  type SessionCredentials,
} from './base-client.ts';
export { ConsumeResult, ConsumeResultSuspend, type MessageListener } from './consume-result.ts';
export {
  BadRequestException,
  ClientException,
  ForbiddenException,
  InternalErrorException,
  NotFoundException,
  PayloadTooLargeException,
  PaymentRequiredException,
  ProxyTimeoutException,
  RequestHeaderFieldsTooLargeException,
  TooManyRequestsException,
  UnauthorizedException,
  UnsupportedException,
} from './exceptions.ts';
export { FilterExpression, FilterType } from './filter-expression.ts';
export { Message, type MessageOptions } from './message.ts';
export { MessageView } from './message-view.ts';
export { Producer, type ProducerOptions, RecallReceipt, SendReceipt } from './producer.ts';
export { PushConsumer, type PushConsumerOptions } from './push-consumer.ts';
export { SimpleConsumer, type SimpleConsumerOptions } from './simple-consumer.ts';
export { Transaction, type TransactionChecker, TransactionResolution } from './transaction.ts';
