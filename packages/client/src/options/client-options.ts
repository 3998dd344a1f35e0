import { homedir } from 'node:os';
import {
  type Clock,
  type FileSystem,
  type Logger,
  MqError,
  MqErrorCode,
  type Prng,
  realClock,
  realFileSystem,
  realPrng,
  realScheduler,
  type Scheduler,
  silentLogger,
} from '@skylarkmq/base';
import type { CompressionCodec } from '@skylarkmq/message';
import { integerOption, invalidOption } from './check-option.ts';
import { parseNameServers } from './name-server-addresses.ts';

/** Who the client is, for servers that check it. */
export interface Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly securityToken?: string;
}

/** TLS towards name servers and brokers. */
export interface ClientTls {
  /** PEM of the authorities to trust; absent: those of Node. */
  readonly ca?: string | Buffer;
  /** PEM of the client's own certificate and key, for servers that ask for one. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Whether the server must prove who it is. Default true. */
  readonly verifyServer?: boolean;
}

/** Time, disk and randomness, for tests; each is the real one by default. */
export interface ClientPorts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly fileSystem: FileSystem;
  readonly prng: Prng;
}

/** Options that producers, consumers and Admin share. */
export interface ClientOptions {
  /** Name servers: `host:port`, several joined by `;`, or a list. */
  readonly namesrv: string | readonly string[];
  /** First part of the client id. Default: the first address of this machine. */
  readonly clientIp?: string;
  /** Second part of the client id. Default: one that is unique to the process. */
  readonly instanceName?: string;
  /** Prefix of all topics and groups (namespaces of 4.x). */
  readonly namespace?: string;
  /** A namespace of 5.x: told to servers with every request, names stay as they are. */
  readonly namespaceV2?: string;
  readonly credentials?: Credentials;
  /** true: TLS with Node's authorities. Default: plain text. */
  readonly tls?: boolean | ClientTls;
  /** Header form of requests. Default `json`, as all official clients. */
  readonly serialization?: 'json' | 'binary';
  /** Requests that are not messages: lookups, locks, heartbeats. Default 3000 ms. */
  readonly requestTimeoutMs?: number;
  /** Default 3000 ms. */
  readonly connectTimeoutMs?: number;
  /** How often routes are looked up again. Default 30,000 ms. */
  readonly routeRefreshMs?: number;
  /** Default 30,000 ms; brokers forget a client after 120,000. */
  readonly heartbeatMs?: number;
  /** How often offsets are persisted. Default 5000 ms. */
  readonly offsetPersistMs?: number;
  /** Default: silent. Fields come first, as in pino. */
  readonly logger?: Logger;
  /** Compressions besides ZLIB, for messages of clients that use LZ4 or ZSTD. */
  readonly codecs?: readonly CompressionCodec[];
  readonly ports?: Partial<ClientPorts>;
}

/** The same, checked and with defaults. */
export interface ResolvedClientOptions extends ClientPorts {
  readonly nameServers: readonly string[];
  readonly clientIp: string | undefined;
  readonly instanceName: string | undefined;
  readonly namespace: string | undefined;
  readonly namespaceV2: string | undefined;
  readonly credentials: Credentials | undefined;
  readonly tls: ClientTls | undefined;
  readonly serialization: 'json' | 'binary';
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly routeRefreshMs: number;
  readonly heartbeatMs: number;
  readonly offsetPersistMs: number;
  readonly logger: Logger;
  readonly codecs: readonly CompressionCodec[];
}

/** One for all clients of the process: equal options must give equal ports. */
const processPrng: Prng = realPrng();

const NAME_CHARS_MAX = 255;
const TIMEOUT_MS_MAX = 600_000;
const PERIOD_MS_MIN = 100;

/** Checks the options that all clients share. */
export function resolveClientOptions(options: ClientOptions): ResolvedClientOptions {
  if (typeof options !== 'object' || options === null) {
    const text = 'A client needs options, at least { namesrv }: the address of a name server';
    throw new MqError(MqErrorCode.InvalidArgument, text);
  }
  const { ports, serialization } = options;
  if (serialization !== undefined && serialization !== 'json' && serialization !== 'binary') {
    throw invalidOption('serialization', serialization, 'json or binary');
  }
  return {
    nameServers: parseNameServers(options.namesrv),
    clientIp: checkName('clientIp', options.clientIp),
    instanceName: checkName('instanceName', options.instanceName),
    namespace: checkName('namespace', options.namespace),
    namespaceV2: checkName('namespaceV2', options.namespaceV2),
    credentials: checkCredentials(options.credentials),
    tls: resolveTls(options.tls),
    serialization: serialization ?? 'json',
    requestTimeoutMs: timeout('requestTimeoutMs', options.requestTimeoutMs, 3_000),
    connectTimeoutMs: timeout('connectTimeoutMs', options.connectTimeoutMs, 3_000),
    routeRefreshMs: period('routeRefreshMs', options.routeRefreshMs, 30_000),
    heartbeatMs: period('heartbeatMs', options.heartbeatMs, 30_000),
    offsetPersistMs: period('offsetPersistMs', options.offsetPersistMs, 5_000),
    logger: options.logger ?? silentLogger,
    codecs: options.codecs ?? [],
    clock: ports?.clock ?? realClock,
    scheduler: ports?.scheduler ?? realScheduler,
    fileSystem: ports?.fileSystem ?? realFileSystem,
    prng: ports?.prng ?? processPrng,
  };
}

/** Where broadcasting consumers keep their offsets unless told otherwise. */
export function defaultOffsetsDirectory(): string {
  return `${homedir()}/.rocketmq_offsets`;
}

function timeout(name: string, value: number | undefined, fallback: number): number {
  return integerOption(name, value, { fallback, min: 1, max: TIMEOUT_MS_MAX });
}

function period(name: string, value: number | undefined, fallback: number): number {
  return integerOption(name, value, { fallback, min: PERIOD_MS_MIN, max: TIMEOUT_MS_MAX });
}

function checkName(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value === '' || value.length > NAME_CHARS_MAX) {
    throw invalidOption(name, JSON.stringify(value), `a text of 1 to ${NAME_CHARS_MAX} characters`);
  }
  return value;
}

function checkCredentials(credentials: Credentials | undefined): Credentials | undefined {
  if (credentials === undefined) return undefined;
  if (credentials.accessKey === '' || credentials.secretKey === '') {
    throw invalidOption('credentials', 'empty', 'an access key and a secret key');
  }
  return credentials;
}

function resolveTls(tls: boolean | ClientTls | undefined): ClientTls | undefined {
  if (tls === undefined || tls === false) return undefined;
  return tls === true ? {} : tls;
}
