/** A message as it lies in the log, decoded. */
export interface StoredMessage {
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly physicalOffset: number;
  /** The user's flag. */
  readonly flag: number;
  readonly sysFlag: number;
  /** Milliseconds since the epoch, the producer's clock. */
  readonly bornTimestamp: number;
  /** "ip:port". */
  readonly bornHost: string;
  /** Milliseconds since the epoch, the broker's clock. */
  readonly storeTimestamp: number;
  /** "ip:port". */
  readonly storeHost: string;
  readonly reconsumeTimes: number;
  readonly preparedTransactionOffset: number;
  /** As stored: compressed when sysFlag says so. A slice of the record. */
  readonly body: Buffer;
  readonly bodyCrc: number;
  readonly properties: ReadonlyMap<string, string>;
  /** Bytes of the record. */
  readonly storeSize: number;
  readonly offsetMessageId: string;
}
