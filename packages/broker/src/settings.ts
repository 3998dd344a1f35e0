/**
 * The broker's live settings under Apache's names: those that decide something here. Defaults are
 * Apache's unless said. All other keys of a configuration file are known, checked and reported as
 * unused (config/known-keys.ts).
 */
export interface BrokerSettings {
  /** Bits of `Permission`: 4 read, 2 write. Applied on top of each topic's own. */
  readonly brokerPermission: number;
  /** Upper bound for the queues of topics that are made automatically. */
  readonly defaultTopicQueueNums: number;
  readonly autoCreateTopicEnable: boolean;
  readonly clusterTopicEnable: boolean;
  readonly brokerTopicEnable: boolean;
  readonly autoCreateSubscriptionGroup: boolean;
  readonly traceTopicEnable: boolean;
  readonly msgTraceTopicName: string;
  /** Milliseconds between writes of consumerOffset.json. */
  readonly flushConsumerOffsetInterval: number;
  readonly rejectTransactionMessage: boolean;
  /** Whether replies are also stored in the cluster's reply topic. */
  readonly storeReplyMessageEnable: boolean;
  /** Milliseconds after which a producer is asked about a transaction without outcome. */
  readonly transactionTimeOut: number;
  /** Questions about one transaction; then it is given up. */
  readonly transactionCheckMax: number;
  /** Milliseconds between rounds of questions. */
  readonly transactionCheckInterval: number;
  /** Bytes after which outcomes go into another message. */
  readonly transactionOpMsgMaxSize: number;
  /** Milliseconds between writes of transactionMetrics. */
  readonly transactionMetricFlushInterval: number;
  readonly longPollingEnable: boolean;
  /** Milliseconds that a pull is held when long polling is off. */
  readonly shortPollingTimeMills: number;
  readonly notifyConsumerIdsChangedEnable: boolean;
  readonly regionId: string;
  readonly traceOn: boolean;
  readonly litePullMessageEnable: boolean;
  readonly rejectPullConsumerEnable: boolean;
  /** Milliseconds that one registration may take. */
  readonly registerBrokerTimeoutMills: number;
  /** Milliseconds between registrations, clamped to 10,000 to 60,000. */
  readonly registerNameServerPeriod: number;
  readonly compressedRegister: boolean;
  /** Milliseconds of silence after which a client is forgotten. */
  readonly channelExpiredTimeout: number;
  readonly subscriptionExpiredTimeout: number;
  /** Milliseconds since the epoch before which sends are refused. */
  readonly startAcceptSendRequestTimeStamp: number;
  readonly validateSystemTopicWhenUpdateTopic: boolean;
  readonly enableMixedMessageType: boolean;
  /** Ours (Apache's proxy has it): whether a topic with a message.type refuses other messages. */
  readonly enableTopicMessageTypeCheck: boolean;
  readonly enableSplitMetadata: boolean;
  readonly splitMetadataSize: number;
  readonly clearRetryTopicWhenDeleteTopic: boolean;
  readonly useServerSideResetOffset: boolean;
  readonly enableDetailStat: boolean;
  readonly autoDeleteUnusedStats: boolean;
  readonly enableRegisterProducer: boolean;
  readonly enableCreateSysGroup: boolean;
  /** Keys, `;` between, that UPDATE_BROKER_CONFIG must not touch. */
  readonly configBlackList: string;
  /** `1s 5s ...`: the delay levels. */
  readonly messageDelayLevel: string;
  /** Whether messages may ask for a time (TIMER_DELAY_SEC, TIMER_DELAY_MS, TIMER_DELIVER_MS). */
  readonly timerWheelEnable: boolean;
  /** Seconds that a message may wait at most. Default 40 days; Apache's is 3 days. */
  readonly timerMaxDelaySec: number;
  /** Seconds after which a message that waits is stored once more. */
  readonly timerRollWindowSlot: number;
  readonly timerStopEnqueue: boolean;
  readonly timerStopDequeue: boolean;
  /** Messages due in one second from which on some, and at twice as many all, are refused. */
  readonly timerCongestNumEachSlot: number;
  /** Whether messages that wait can be recalled. Default true; Apache's is false. */
  readonly recallMessageEnable: boolean;
  readonly allowRecallWhenBrokerNotWriteable: boolean;
  readonly appendTopicForTimerDeleteKey: boolean;
  /** Bytes of a body, as stored. */
  readonly maxMessageSize: number;
  readonly maxTransferBytesOnMessageInMemory: number;
  readonly maxTransferCountOnMessageInMemory: number;
  /** Messages that one key query answers at most. */
  readonly maxMsgsNumBatch: number;
  readonly defaultQueryMaxNum: number;
  /** Whether SQL92 filters are allowed. Apache's default is false. */
  readonly enablePropertyFilter: boolean;
  /** Whether messages that are tried again are filtered again, by SQL92. */
  readonly filterSupportRetry: boolean;
  /** Whether queues keep more of a message than its place: `consumequeue_ext`. Read at start. */
  readonly enableConsumeQueueExt: boolean;
  /** Whether queues keep who wants a message; needs `enableConsumeQueueExt`. */
  readonly enableCalcFilterBitMap: boolean;
  /** Groups a topic that those bits are made for, and percent of wrong bits with so many. */
  readonly expectConsumerNumUseFilter: number;
  readonly maxErrorRateOfBloomFilter: number;
  /** Milliseconds that the expression of a group without consumers is kept. */
  readonly filterDataCleanTimeSpan: number;
  /** Ours: whether a member that subscribes differently than its group is refused. */
  readonly rejectInconsistentSubscription: boolean;
  /** POP requests that wait, of one group and topic, and altogether. */
  readonly popPollingSize: number;
  readonly maxPopPollingSize: number;
  /** Queues of the revive topic. */
  readonly reviveQueueNum: number;
  /** Whether a new group that wants the end begins at 0 while the queue is young. */
  readonly initPopOffsetByCheckMsgInMem: boolean;
  /** Whether retries of POP go to topics that join group and topic by `+` instead of `_`. */
  readonly enableRetryTopicV2: boolean;
  readonly retrieveMessageFromPopRetryTopicV1: boolean;
  /** Percent of POPs that look at the retry topic first. */
  readonly popFromRetryProbability: number;
  /** The same for topics of type PRIORITY. */
  readonly popFromRetryProbabilityForPriority: number;
  /** Whether a greater priority goes first. */
  readonly priorityOrderAsc: boolean;
  /** Whether `maxLmqConsumeQueueNum` counts; else there may be a million light queues. */
  readonly enableLmqQuota: boolean;
  readonly maxLmqConsumeQueueNum: number;
  /** Lite topics that all clients together may be subscribed to. */
  readonly maxLiteSubscriptionCount: number;
  /** How often lite topics that are out of date are removed, milliseconds. */
  readonly liteTtlCheckInterval: number;
  /** No lite topic is removed that had a message within this time, milliseconds. */
  readonly minLiteTTl: number;
  /** How often subscriptions of clients that are gone are looked for, milliseconds. */
  readonly liteSubscriptionCheckInterval: number;
  /** How long a client may be silent, milliseconds. */
  readonly liteSubscriptionCheckTimeoutMills: number;
  readonly popResponseReturnActualRetryTopic: boolean;
  /** Messages of a queue that a group may have in flight, when the next is true. */
  readonly popInflightMessageThreshold: number;
  readonly enablePopMessageThreshold: boolean;
  readonly popReviveSkipIfGroupAbsent: boolean;
  readonly serverLoadBalancerEnable: boolean;
  /** PULL or POP: of groups that nobody set. */
  readonly defaultMessageRequestMode: string;
  readonly defaultPopShareQueueNum: number;
  /**
   * Milliseconds after which a queue lock can be taken that nobody renewed. Clients renew theirs
   * every 20 s. RocketMQ: the system property rocketmq.broker.rebalance.lockMaxLiveTime.
   */
  readonly rebalanceLockMaxLiveTime: number;
  /** Ours: topics that one broker keeps at most. */
  readonly topicsMax: number;
  /** Ours: consumer groups that one broker keeps at most. */
  readonly groupsMax: number;
  /** Ours: pulls that wait for messages at most. */
  readonly heldPullsMax: number;
  /** Ours: whether changing admin requests are taken from addresses beyond loopback. */
  readonly adminFromAnywhere: boolean;
}

export const DEFAULT_SETTINGS: BrokerSettings = {
  brokerPermission: 6,
  defaultTopicQueueNums: 8,
  autoCreateTopicEnable: true,
  clusterTopicEnable: true,
  brokerTopicEnable: true,
  autoCreateSubscriptionGroup: true,
  traceTopicEnable: false,
  msgTraceTopicName: 'RMQ_SYS_TRACE_TOPIC',
  flushConsumerOffsetInterval: 5000,
  rejectTransactionMessage: false,
  storeReplyMessageEnable: true,
  transactionTimeOut: 6000,
  transactionCheckMax: 15,
  transactionCheckInterval: 30_000,
  transactionOpMsgMaxSize: 4096,
  transactionMetricFlushInterval: 10_000,
  longPollingEnable: true,
  shortPollingTimeMills: 1000,
  notifyConsumerIdsChangedEnable: true,
  regionId: 'DefaultRegion',
  traceOn: true,
  litePullMessageEnable: true,
  rejectPullConsumerEnable: false,
  registerBrokerTimeoutMills: 24_000,
  registerNameServerPeriod: 30_000,
  compressedRegister: false,
  channelExpiredTimeout: 120_000,
  subscriptionExpiredTimeout: 600_000,
  startAcceptSendRequestTimeStamp: 0,
  validateSystemTopicWhenUpdateTopic: true,
  enableMixedMessageType: false,
  enableTopicMessageTypeCheck: true,
  enableSplitMetadata: true,
  splitMetadataSize: 2000,
  clearRetryTopicWhenDeleteTopic: true,
  useServerSideResetOffset: true,
  enableDetailStat: true,
  autoDeleteUnusedStats: true,
  enableRegisterProducer: true,
  enableCreateSysGroup: true,
  configBlackList: 'configBlackList;brokerConfigPath',
  messageDelayLevel: '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h',
  timerWheelEnable: true,
  timerMaxDelaySec: 40 * 24 * 3600,
  timerRollWindowSlot: 172_800,
  timerStopEnqueue: false,
  timerStopDequeue: false,
  timerCongestNumEachSlot: 2_147_483_647,
  recallMessageEnable: true,
  allowRecallWhenBrokerNotWriteable: true,
  appendTopicForTimerDeleteKey: false,
  maxMessageSize: 4 * 1024 * 1024,
  maxTransferBytesOnMessageInMemory: 256 * 1024,
  maxTransferCountOnMessageInMemory: 32,
  maxMsgsNumBatch: 64,
  defaultQueryMaxNum: 32,
  enablePropertyFilter: true,
  filterSupportRetry: false,
  enableConsumeQueueExt: false,
  enableCalcFilterBitMap: false,
  expectConsumerNumUseFilter: 32,
  maxErrorRateOfBloomFilter: 20,
  filterDataCleanTimeSpan: 86_400_000,
  rejectInconsistentSubscription: false,
  popPollingSize: 1024,
  maxPopPollingSize: 100_000,
  reviveQueueNum: 8,
  initPopOffsetByCheckMsgInMem: true,
  enableRetryTopicV2: false,
  retrieveMessageFromPopRetryTopicV1: true,
  popFromRetryProbability: 20,
  popFromRetryProbabilityForPriority: 0,
  priorityOrderAsc: true,
  enableLmqQuota: false,
  maxLmqConsumeQueueNum: 20_000,
  maxLiteSubscriptionCount: 100_000,
  liteTtlCheckInterval: 120_000,
  minLiteTTl: 900_000,
  liteSubscriptionCheckInterval: 120_000,
  liteSubscriptionCheckTimeoutMills: 180_000,
  popResponseReturnActualRetryTopic: false,
  popInflightMessageThreshold: 10_000,
  enablePopMessageThreshold: false,
  popReviveSkipIfGroupAbsent: true,
  serverLoadBalancerEnable: true,
  defaultMessageRequestMode: 'PULL',
  defaultPopShareQueueNum: -1,
  rebalanceLockMaxLiveTime: 60_000,
  topicsMax: 200_000,
  groupsMax: 100_000,
  heldPullsMax: 200_000,
  adminFromAnywhere: false,
};
