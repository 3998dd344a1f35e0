export { type BatchMessage, BatchScan, batchMessageBytes, encodeBatch } from './batch-codec.ts';
export {
  type CompressionCodec,
  type CompressionType,
  compressionFlag,
  compressionTypeOf,
  DECOMPRESSED_BYTES_MAX,
  decompressBody,
  zlibCodec,
} from './compression.ts';
export { DEAD_LETTER_ERROR_CHARS_MAX, DeadLetterProperty, deadLetterError } from './dead-letter.ts';
export {
  type DecodeRecordOptions,
  decodeRecord,
  decodeRecords,
  storedMessage,
} from './decode-record.ts';
export { DEFAULT_DELAY_LEVELS, parseDelayLevels } from './delay-level.ts';
export {
  decodeHost,
  encodeHost,
  encodeHostParts,
  HOST_V4_BYTES,
  HOST_V6_BYTES,
} from './host.ts';
export {
  createUniqueIdGenerator,
  decodeOffsetMessageId,
  encodeOffsetMessageId,
  timeOfUniqueId,
  type UniqueIdSource,
} from './message-id.ts';
export { compareMessageQueues, type MessageQueue, messageQueueKey } from './message-queue.ts';
export {
  isInherited,
  isReadable,
  isWritable,
  Permission,
  READ_WRITE,
} from './permission.ts';
export {
  formatPopHandle,
  isOrderHandle,
  POP_ORDER_REVIVE_QUEUE,
  type PopHandle,
  PopTopicKind,
  parsePopHandle,
  popRealTopic,
  popTopicKind,
} from './pop-handle.ts';
export { NAME_END, PROPERTIES_BYTES_MAX, PropertyName, VALUE_END } from './property.ts';
export {
  decodeProperties,
  decodePropertyText,
  encodeProperties,
  encodePropertyText,
} from './property-codec.ts';
export { PropertyScan } from './property-scan.ts';
export { formatRecallHandle, parseRecallHandle, type RecallHandle } from './recall-handle.ts';
export {
  encodeRecord,
  hasPropertyCrc,
  MAGIC_BLANK,
  MAGIC_V1,
  MAGIC_V2,
  maskCrc,
  PROPERTY_CRC_BYTES,
  RecordFields,
  RecordPosition,
  readPropertyCrc,
  recordLength,
  TOPIC_V1_LENGTH_MAX,
} from './record.ts';
export { RecordKind, RecordView } from './record-view.ts';
export type { StoredMessage } from './stored-message.ts';
export { PullFlag, SystemFlag } from './system-flag.ts';
export { tagsCode, tagsCodeOfBytes } from './tags-code.ts';
export {
  DERIVED_TOPIC_LENGTH_MAX,
  DLQ_PREFIX,
  dlqTopic,
  GROUP_LENGTH_MAX,
  groupNameProblem,
  groupOfTopic,
  isDlqTopic,
  isLmq,
  isRetryTopic,
  isSendAllowed,
  isSystemGroup,
  isSystemTopic,
  LMQ_PREFIX,
  liteNamesOf,
  liteQueueName,
  popOriginTopic,
  popRetryTopic,
  RETRY_PREFIX,
  retryTopic,
  SYSTEM_PREFIX,
  SystemTopic,
  TOPIC_LENGTH_MAX,
  topicNameProblem,
  validateGroup,
  validateTopic,
} from './topic-name.ts';
