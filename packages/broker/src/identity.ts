/** Who this broker is. Complete before any request is served. */
export interface BrokerIdentity {
  readonly brokerName: string;
  readonly brokerClusterName: string;
  /** 0 is the master. */
  readonly brokerId: number;
  /** "ip:port" that clients are told. */
  readonly address: string;
  /** The same as 8 or 20 bytes, as in records and offset message ids. */
  readonly storeHost: Buffer;
}
