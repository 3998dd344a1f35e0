/** Bits of a message's sysFlag (docs/formats/commit-log.md). */
export const SystemFlag = {
  Compressed: 0x1,
  MultiTags: 0x2,
  TransactionMask: 0xc,
  TransactionPrepared: 0x4,
  TransactionCommit: 0x8,
  TransactionRollback: 0xc,
  BornHostV6: 0x10,
  StoreHostV6: 0x20,
  NeedUnwrap: 0x40,
  InnerBatch: 0x80,
  CompressionMask: 0x700,
  CompressionLz4: 0x100,
  CompressionZstd: 0x200,
  CompressionZlib: 0x300,
} as const;

/** Bits of the sysFlag of a pull request. */
export const PullFlag = {
  CommitOffset: 0x1,
  Suspend: 0x2,
  Subscription: 0x4,
  ClassFilter: 0x8,
  Lite: 0x10,
} as const;
