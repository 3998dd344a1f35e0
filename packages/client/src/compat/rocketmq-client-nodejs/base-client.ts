/** What all clients of `rocketmq-client-nodejs` have in common: options, start and end. */
import { hostname } from 'node:os';
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { ClientOptions, ClientPorts } from '../../options/client-options.ts';

/** Who the client is, for servers that check it. */
export interface SessionCredentials {
  accessKey: string;
  accessSecret: string;
  securityToken?: string;
}

/** Where clients log; the text comes first. */
export interface ILogger {
  info(...text: unknown[]): void;
  warn(...text: unknown[]): void;
  error(...text: unknown[]): void;
  debug?(...text: unknown[]): void;
  close?(...text: unknown[]): void;
}

/** Options of every client. */
export interface BaseClientOptions {
  sslEnabled?: boolean;
  /** Name servers: `host:port`, several joined by `;`. Not the gRPC proxy. */
  endpoints: string;
  namespace?: string;
  sessionCredentials?: SessionCredentials;
  /** Default 3000 ms. */
  requestTimeout?: number;
  logger?: ILogger;
  /** Topics to look up at the start; not needed here. */
  topics?: string[];
  /** Time and chance, for tests. */
  ports?: Partial<ClientPorts>;
}

const REQUEST_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS_MIN = 1_000;
/** What an address answers that is no name server, or is nobody. */
const NO_NAME_SERVER: ReadonlySet<MqErrorCode> = new Set([
  MqErrorCode.Connect,
  MqErrorCode.ConnectionClosed,
  MqErrorCode.Corrupt,
  MqErrorCode.Timeout,
]);

let clients = 0;

/** See the head of this file. */
export abstract class BaseClient {
  readonly clientId: string;
  readonly sslEnabled: boolean;
  readonly namespace: string;
  /** How ours is made. */
  protected readonly client: ClientOptions;
  readonly #endpoints: string;
  #running = false;

  constructor(options: BaseClientOptions) {
    clients++;
    this.clientId = `${hostname()}@${process.pid}@${clients}`;
    this.sslEnabled = options.sslEnabled === true;
    this.namespace = options.namespace ?? '';
    this.#endpoints = checkEndpoints(options.endpoints);
    this.client = clientOptions(options, this.clientId);
  }

  /** Connects; nothing works before. */
  async startup(): Promise<void> {
    try {
      await this.open();
    } catch (thrown) {
      const { code, message } = MqError.from(thrown);
      const advice = NO_NAME_SERVER.has(code)
        ? ` ${this.#endpoints} does not answer as a name server: here \`endpoints\` is the ` +
          'address of the name server (9876 by default), not of the gRPC proxy (8081)'
        : '';
      const text = `Startup the rocketmq client failed, clientId=${this.clientId}: `;
      throw new Error(text + message + advice, { cause: thrown });
    }
    this.#running = true;
  }

  /** Whether it was started and not shut down. */
  isRunning(): boolean {
    return this.#running;
  }

  /** Waits for what is under way, and leaves. */
  async shutdown(): Promise<void> {
    this.#running = false;
    await this.close();
  }

  protected abstract open(): Promise<void>;
  protected abstract close(): Promise<void>;

  protected checkRunning(what: string): void {
    if (!this.#running) throw new Error(`${what} is not running now: call startup() first`);
  }
}

function clientOptions(options: BaseClientOptions, instanceName: string): ClientOptions {
  const { endpoints, logger, namespace = '', ports, requestTimeout, sslEnabled } = options;
  const { accessKey = '', accessSecret = '', securityToken } = options.sessionCredentials ?? {};
  const timeoutMs = requestTimeout ?? REQUEST_TIMEOUT_MS;
  if (typeof timeoutMs !== 'number' || timeoutMs < REQUEST_TIMEOUT_MS_MIN) {
    throw new RangeError(`requestTimeout must be a number >= ${REQUEST_TIMEOUT_MS_MIN}ms`);
  }
  const token = securityToken === undefined ? {} : { securityToken };
  const credentials = { accessKey, secretKey: accessSecret, ...token };
  return {
    namesrv: endpoints,
    instanceName,
    requestTimeoutMs: timeoutMs,
    ...(namespace === '' ? {} : { namespace }),
    ...(accessKey === '' ? {} : { credentials }),
    ...(sslEnabled === true ? { tls: true } : {}),
    ...(ports === undefined ? {} : { ports }),
    ...(logger === undefined ? {} : { logger: toLogger(logger) }),
  };
}

function toLogger(logger: ILogger): NonNullable<ClientOptions['logger']> {
  return {
    debug: (fields, message) => logger.debug?.(message, fields),
    info: (fields, message) => logger.info(message, fields),
    warn: (fields, message) => logger.warn(message, fields),
    error: (fields, message) => logger.error(message, fields),
  };
}

function checkEndpoints(endpoints: string): string {
  if (typeof endpoints === 'string' && /:\d+\s*(;|$)/.test(endpoints)) return endpoints;
  const text =
    `The option endpoints must be the name server's host:port (9876 by default), not ` +
    `${JSON.stringify(endpoints)}`;
  throw new MqError(MqErrorCode.InvalidArgument, text);
}
