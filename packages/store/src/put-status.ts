/** What became of an append. The broker maps it to a response code. */
export const PutStatus = {
  /** Accepted; or, in a completion, stored to the promised degree. */
  Ok: 'OK',
  /** Written, but the disk did not confirm in time. */
  FlushDiskTimeout: 'FLUSH_DISK_TIMEOUT',
  SlaveNotAvailable: 'SLAVE_NOT_AVAILABLE',
  FlushSlaveTimeout: 'FLUSH_SLAVE_TIMEOUT',
  /** Body, topic or whole record over the limit, or fields that contradict each other. */
  MessageIllegal: 'MESSAGE_ILLEGAL',
  /** Properties over 32767 bytes. */
  PropertiesSizeExceeded: 'PROPERTIES_SIZE_EXCEEDED',
  /** The store cannot write: disk full, closed, failed. `statusReason` says why. */
  ServiceNotAvailable: 'SERVICE_NOT_AVAILABLE',
  /** Too much is waiting for the disk. `statusReason` says how much. */
  SystemBusy: 'SYSTEM_BUSY',
  /** More light queues (LMQ) than there may be. */
  LmqQuotaExceeded: 'LMQ_CONSUME_QUEUE_NUM_EXCEEDED',
  CreateFileFailed: 'CREATE_FILE_FAILED',
  UnknownError: 'UNKNOWN_ERROR',
} as const;

export type PutStatus = (typeof PutStatus)[keyof typeof PutStatus];
