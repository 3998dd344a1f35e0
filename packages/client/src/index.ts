export { type Logger, MqError, MqErrorCode } from '@skylarkmq/base';
export type { CompressionCodec, CompressionType, MessageQueue } from '@skylarkmq/message';
export {
  AccessAdmin,
  type AclOptions,
  type DeleteAclOptions,
  type ListAclsOptions,
  type UserOptions,
} from './admin/access-admin.ts';
export {
  Admin,
  type CreateGroupOptions,
  type CreateTopicOptions,
  type QueryOptions,
  type TopicMessageType,
} from './admin/admin.ts';
export type { AllocationContext, AllocationStrategy } from './allocation/allocation-strategy.ts';
export { averagely } from './allocation/averagely.ts';
export { averagelyByCircle } from './allocation/averagely-by-circle.ts';
export type { AllocationName } from './allocation/by-name.ts';
export { configured } from './allocation/configured.ts';
export { type ConsistentHashOptions, consistentHash } from './allocation/consistent-hash.ts';
export { machineRoom } from './allocation/machine-room.ts';
export { type MachineRoomResolver, machineRoomNearby } from './allocation/machine-room-nearby.ts';
export type { AclEntry, AclInfo, AclPolicy, UserInfo } from './api/access.ts';
export type { CallOptions } from './async/abortable.ts';
export type { QueueOffset } from './consumer/offset-store.ts';
export { ReceivedMessage } from './consumer/received-message.ts';
export type { ConsumeFrom } from './consumer/start-offset.ts';
export type { SubscriptionOptions } from './consumer/subscription.ts';
export { Schedule, type ScheduleOptions, schedule } from './cron/schedule.ts';
export { DeadLetter, type DeadLetterStatus } from './dead-letters/dead-letter.ts';
export {
  type DeadLetterSource,
  DeadLetters,
  type DeadLettersOptions,
  type ResendOptions,
  type SettleOptions,
} from './dead-letters/dead-letters.ts';
export type { DeadLetterResult } from './dead-letters/resender.ts';
export type { DeadLetterEdit } from './dead-letters/resent-message.ts';
export type { DeadLetterSelection } from './dead-letters/selection.ts';
export type { Claim, IdempotencyStore } from './idempotency/idempotency-store.ts';
export { type IdempotentOptions, idempotent } from './idempotency/idempotent.ts';
export {
  idempotentInTransaction,
  type TransactionalHandler,
  type TransactionalOptions,
} from './idempotency/idempotent-in-transaction.ts';
export {
  type MemoryIdempotencyOptions,
  memoryIdempotencyStore,
} from './idempotency/memory-idempotency-store.ts';
export type { KeyOptions } from './idempotency/message-key.ts';
export {
  type RedisEval,
  type RedisIdempotencyOptions,
  redisIdempotencyStore,
} from './idempotency/redis-idempotency-store.ts';
export {
  type SqlDialect,
  type SqlIdempotencyOptions,
  type SqlIdempotencyStore,
  type SqlQuery,
  type SqlResult,
  type SqlTable,
  sqlIdempotencyStore,
} from './idempotency/sql-idempotency-store.ts';
export { LitePushConsumer, type SubscribeLiteOptions } from './lite/lite-push-consumer.ts';
export type { LiteFrom, LitePushConsumerOptions } from './lite/lite-push-consumer-options.ts';
export type { ConsumeContext, ConsumeMiddleware } from './middleware/consume-layers.ts';
export type { SendContext, SendKind, SendMiddleware } from './middleware/send-layers.ts';
export type { Telemetry } from './middleware/telemetry.ts';
export type {
  ClientOptions,
  ClientPorts,
  ClientTls,
  Credentials,
} from './options/client-options.ts';
export type { BatchOptions } from './producer/batch-options.ts';
export type { LatencyStep } from './producer/latency-fault.ts';
export type { OutgoingMessage } from './producer/outgoing-message.ts';
export { Producer } from './producer/producer.ts';
export type { ProducerOptions } from './producer/producer-options.ts';
export { type QueueSelector, queueAtRandom, queueByHash } from './producer/queue-selector.ts';
export type { SendOptions } from './producer/send-options.ts';
export type { SendReceipt, SendStatus } from './producer/send-receipt.ts';
export { type SplitBatchOptions, splitBatch } from './producer/split-batch.ts';
export type { PollOptions } from './pull/poll.ts';
export { PullConsumer } from './pull/pull-consumer.ts';
export type { PullConsumerOptions } from './pull/pull-consumer-options.ts';
export { ConsumerMessage } from './push/consumer-message.ts';
export { type BatchHandler, type MessageHandler, PushConsumer } from './push/push-consumer.ts';
export type {
  MessageModel,
  PushConsumerOptions,
  RetryBackoffOptions,
} from './push/push-consumer-options.ts';
export type { RejectOptions, RetryOptions } from './push/settlement.ts';
export type { RunOptions } from './push/workers.ts';
export { ReplyMessage } from './request/reply-message.ts';
export type {
  ReplyContent,
  ReplyOptions,
  RequestHandler,
  RequestReplyOptions,
} from './request/request-reply.ts';
export type { RouteBrokerData as BrokerInfo } from './route/topic-route.ts';
export { type ReceiveOptions, SimpleConsumer } from './simple/simple-consumer.ts';
export type { SimpleConsumerOptions } from './simple/simple-consumer-options.ts';
export { SimpleMessage } from './simple/simple-message.ts';
export { decodeTrace } from './trace/trace-codec.ts';
export type { TraceOptions } from './trace/trace-options.ts';
export {
  type ConsumeEndTrace,
  type ConsumeStartTrace,
  type EndTransactionTrace,
  type PublishTrace,
  type RecallTrace,
  TRACE_TOPIC,
  type TracedKind,
  type TracedOutcome,
  type TraceRecord,
} from './trace/trace-record.ts';
export type {
  LocalWork,
  TransactionCheck,
  TransactionOptions,
  TransactionOutcome,
  TransactionProducerOptions,
  TransactionReceipt,
} from './transaction/transaction-options.ts';
export { TransactionProducer } from './transaction/transaction-producer.ts';
export { jsonCodec, type PayloadCodec } from './typed/payload-codec.ts';
export { PayloadError } from './typed/payload-error.ts';
export type { StandardIssue, StandardResult, StandardSchema } from './typed/standard-schema.ts';
export {
  byTopic,
  type MessageFields,
  type MessageSender,
  type OnInvalid,
  type Topic,
  type TopicOptions,
  type TypedHandler,
  type TypedHandlerOptions,
  topic,
} from './typed/topic.ts';
