import type { AccessOptions } from '@skylarkmq/auth';
import type { Clock, FileSystem, Logger, Prng, Scheduler } from '@skylarkmq/base';
import type {
  ClientTlsOptions,
  ConnectionLimits,
  Intercept,
  RequestCredentials,
  ServerTlsOptions,
} from '@skylarkmq/remoting';
import type { FlushMode, RetentionOptions } from '@skylarkmq/store';
import type { BrokerSettings } from './settings.ts';

/** Everything a broker needs. Defaults are Apache's unless said. */
export interface BrokerOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly prng: Prng;
  readonly logger: Logger;
  readonly fileSystem: FileSystem;
  /** Absolute root of the store (Apache's storePathRootDir). */
  readonly directory: string;
  /** Directories of the log; default `commitlog` in the root. */
  readonly commitLogDirectories?: readonly string[];
  /** Address to bind. Default 127.0.0.1. */
  readonly host?: string;
  /** Default 10911; 0 chooses a free pair of ports. The second port is this minus 2. */
  readonly port?: number;
  /** Host that clients are told, an address or a name. Default the bound one. */
  readonly advertisedHost?: string;
  /** IP address that records and message ids carry. Default the host, which must be one then. */
  readonly advertisedIp?: string;
  /**
   * Whether our own name server tells clients the host by which they reached it, instead of
   * `advertisedHost`. Default false.
   */
  readonly advertiseAuto?: boolean;
  readonly brokerName?: string;
  /** Default DefaultCluster. */
  readonly brokerClusterName?: string;
  /** Default 0, a master. */
  readonly brokerId?: number;
  /** "host:port" of the name servers to register at. */
  readonly namesrvAddresses: readonly string[];
  /** How the name servers are reached. Default: plain connections. */
  readonly namesrvTls?: ClientTlsOptions;
  /** With which requests to name servers are signed. Default: they are not. */
  readonly credentials?: RequestCredentials;
  /** Who may do what. Default: changes come from this machine, or from a user of `auth.json`. */
  readonly access?: AccessOptions;
  readonly tls?: ServerTlsOptions;
  readonly limits?: ConnectionLimits;
  /** Stands between requests and the broker, for tests. Default: none. */
  readonly intercept?: Intercept;
  /** Default async, as Apache. */
  readonly flush?: FlushMode;
  /** Default false, as Apache (enabledAppendPropCRC). */
  readonly propertyCrc?: boolean;
  /** Whether messages may name light queues (LMQ), as lite topics do. Default true. */
  readonly multiDispatch?: boolean;
  /**
   * Whether offsets are kept in lmqConsumerOffset.json, those of light groups (`%LMQ%`) in a table
   * of their own, as Apache does with `enableLmq=true`. Default false.
   */
  readonly lightOffsetTable?: boolean;
  readonly commitLogFileBytes?: number;
  readonly consumeQueueFileBytes?: number;
  /** Default 48 MiB (Apache's mappedFileSizeConsumeQueueExt). */
  readonly consumeQueueExtFileBytes?: number;
  /** Default 100 MiB (Apache's mappedFileSizeTimerLog). */
  readonly timerLogFileBytes?: number;
  readonly indexSlots?: number;
  readonly indexEntries?: number;
  readonly indexEnabled?: boolean;
  /** Milliseconds. */
  readonly flushIntervalMs?: number;
  /** Milliseconds that a SYNC_FLUSH send waits for the disk. Default 5,000. */
  readonly flushTimeoutMs?: number;
  readonly retention?: RetentionOptions;
  /** Process id for the lock files; 0 (default): the store is not shared with other processes. */
  readonly processId?: number;
  readonly settings?: Partial<BrokerSettings>;
  /** Where run-time changes of settings are kept (the configuration file); none by default. */
  readonly configPath?: string;
  /** All keys of the configuration file, for GET_BROKER_CONFIG. */
  readonly configured?: ReadonlyMap<string, string>;
}
