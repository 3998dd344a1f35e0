/** A server under test. */
export interface Server {
  /** "host:port". */
  readonly address: string;
  readonly pid: number;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** What a broker needs to know, Apache's or ours. */
export interface BrokerOptions {
  /** Name servers, `;` between. */
  readonly namesrv: string;
  readonly port: number;
  /** The store's own directory (Apache's storePathRootDir). */
  readonly store: string;
  /** Default: "broker-a". */
  readonly brokerName?: string;
  /** More lines of broker.conf. */
  readonly settings?: readonly string[];
}

/** The broker.conf that both brokers read. */
export function brokerConf(options: BrokerOptions): string {
  const { namesrv, port, store, brokerName = 'broker-a', settings = [] } = options;
  const lines = [
    'brokerClusterName=DefaultCluster',
    `brokerName=${brokerName}`,
    'brokerId=0',
    'brokerRole=ASYNC_MASTER',
    'flushDiskType=ASYNC_FLUSH',
    `namesrvAddr=${namesrv}`,
    'brokerIP1=127.0.0.1',
    `listenPort=${port}`,
    `storePathRootDir=${store}`,
    `storePathCommitLog=${store}/commitlog`,
    'autoCreateTopicEnable=true',
    'enablePropertyFilter=true',
    ...settings,
  ];
  return `${lines.join('\n')}\n`;
}
