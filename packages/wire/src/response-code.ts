/** Response codes by their official names in our spelling. */
export const ResponseCode = {
  Success: 0,
  SystemError: 1,
  SystemBusy: 2,
  RequestCodeNotSupported: 3,
  TransactionFailed: 4,
  FlushDiskTimeout: 10,
  SlaveNotAvailable: 11,
  FlushSlaveTimeout: 12,
  MessageIllegal: 13,
  ServiceNotAvailable: 14,
  VersionNotSupported: 15,
  NoPermission: 16,
  TopicNotExist: 17,
  TopicExistAlready: 18,
  PullNotFound: 19,
  PullRetryImmediately: 20,
  PullOffsetMoved: 21,
  QueryNotFound: 22,
  SubscriptionParseFailed: 23,
  SubscriptionNotExist: 24,
  SubscriptionNotLatest: 25,
  SubscriptionGroupNotExist: 26,
  FilterDataNotExist: 27,
  FilterDataNotLatest: 28,
  InvalidParameter: 29,
  TransactionShouldCommit: 200,
  TransactionShouldRollback: 201,
  TransactionStateUnknow: 202,
  TransactionStateGroupWrong: 203,
  NoBuyerId: 204,
  NotInCurrentUnit: 205,
  ConsumerNotOnline: 206,
  ConsumeMsgTimeout: 207,
  NoMessage: 208,
  PollingFull: 209,
  PollingTimeout: 210,
  BrokerNotExist: 211,
  BrokerDispatchNotComplete: 212,
  BroadcastConsumption: 213,
  FlowControl: 215,
  NotLeaderForQueue: 501,
  IllegalOperation: 604,
  GoAway: 1500,
  LmqQuotaExceeded: 2017,
  LiteSubscriptionQuotaExceeded: 2018,
} as const;

export type ResponseCode = (typeof ResponseCode)[keyof typeof ResponseCode];

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ResponseCode).map(([name, code]) => [code, name]),
);

/** The name of a response code for errors and logs; the number itself when nobody knows it. */
export function responseCodeName(code: number): string {
  return NAMES.get(code) ?? String(code);
}
