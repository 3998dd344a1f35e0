/** The options of `ali-ons` that producers and consumers share, and ours in their place. */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { ClientOptions, ClientPorts } from '../../options/client-options.ts';

/** `urllib`, or whatever answers like it. */
export interface HttpClient {
  request(
    url: string,
    options: { readonly timeout: number },
  ): Promise<{ readonly status: number; readonly data: unknown }>;
}

/** What the libraries log to: `console`, or a logger like it. */
interface AliOnsLogger {
  info(...text: unknown[]): void;
  warn(...text: unknown[]): void;
  error(...text: unknown[]): void;
  debug(...text: unknown[]): void;
}

/** Options of a producer and a consumer. One of `nameSrv` and `httpclient` is needed. */
export interface AliOnsOptions {
  /** Name servers: `host:port`, several joined by `;`, or a list. */
  readonly nameSrv?: string | readonly string[];
  /** A page that lists the name servers; `httpclient` fetches it. Default: Aliyun's public one. */
  readonly onsAddr?: string;
  readonly httpclient?: HttpClient;
  readonly accessKeyId?: string;
  readonly accessKeySecret?: string;
  /** The same as `accessKeyId`. */
  readonly accessKey?: string;
  /** The same as `accessKeySecret`. */
  readonly secretKey?: string;
  readonly namespace?: string;
  readonly instanceName?: string;
  readonly clientIP?: string;
  readonly unitName?: string | null;
  readonly pollNameServerInteval?: number;
  readonly heartbeatBrokerInterval?: number;
  readonly persistConsumerOffsetInterval?: number;
  readonly connectTimeout?: number;
  readonly logger?: AliOnsLogger;
  /** Time and chance, for tests. */
  readonly ports?: Partial<ClientPorts>;
}

const ONS_ADDR = 'http://onsaddr-internet.aliyun.com/rocketmq/nsaddr4client-internet';
const FETCH_TIMEOUT_MS = 10_000;
const STATUS_OK = 200;
/** In `ali-ons` a name for "none was given". */
const INSTANCE_DEFAULT = 'DEFAULT';

/** Ours. Fetches the list of name servers where there is a page of them. */
export async function clientOptions(options: AliOnsOptions): Promise<ClientOptions> {
  const { clientIP, connectTimeout, instanceName, namespace, ports } = options;
  const accessKey = options.accessKey ?? options.accessKeyId ?? '';
  const secretKey = options.secretKey ?? options.accessKeySecret ?? '';
  return {
    namesrv: await nameServers(options),
    ...(accessKey === '' || secretKey === '' ? {} : { credentials: { accessKey, secretKey } }),
    ...(namespace === undefined || namespace === '' ? {} : { namespace }),
    ...(instanceName === undefined || instanceName === INSTANCE_DEFAULT ? {} : { instanceName }),
    ...(clientIP === undefined ? {} : { clientIp: clientIP }),
    ...(ports === undefined ? {} : { ports }),
    ...(connectTimeout === undefined ? {} : { connectTimeoutMs: connectTimeout }),
    ...periods(options),
    ...loggerOption(options.logger),
  };
}

function periods(options: AliOnsOptions): Partial<ClientOptions> {
  const { heartbeatBrokerInterval, persistConsumerOffsetInterval, pollNameServerInteval } = options;
  return {
    ...(pollNameServerInteval === undefined ? {} : { routeRefreshMs: pollNameServerInteval }),
    ...(heartbeatBrokerInterval === undefined ? {} : { heartbeatMs: heartbeatBrokerInterval }),
    ...(persistConsumerOffsetInterval === undefined
      ? {}
      : { offsetPersistMs: persistConsumerOffsetInterval }),
  };
}

/** Ours puts fields first, `console` and its like take the text first. */
function loggerOption(logger: AliOnsLogger | undefined): Pick<ClientOptions, 'logger'> {
  if (logger === undefined) return {};
  return {
    logger: {
      debug: (fields, message) => logger.debug(message, fields),
      info: (fields, message) => logger.info(message, fields),
      warn: (fields, message) => logger.warn(message, fields),
      error: (fields, message) => logger.error(message, fields),
    },
  };
}

async function nameServers(options: AliOnsOptions): Promise<string | readonly string[]> {
  const { httpclient, nameSrv, onsAddr = ONS_ADDR, unitName } = options;
  if (nameSrv !== undefined && nameSrv.length > 0) return nameSrv;
  if (httpclient === undefined) {
    const text =
      'Say where the name servers are: nameSrv (host:port), or onsAddr (a page that lists them) ' +
      'together with httpclient';
    throw new MqError(MqErrorCode.InvalidArgument, text);
  }
  const url = unitName ? `${onsAddr}-${unitName}?nofix=1` : onsAddr;
  const timeout = options.connectTimeout ?? FETCH_TIMEOUT_MS;
  const { data, status } = await httpclient.request(url, { timeout });
  const list = status === STATUS_OK ? String(data).trim() : '';
  if (list !== '') return list;
  const text = `${url} answered with status ${status} and no name servers: check onsAddr`;
  throw new MqError(MqErrorCode.Connect, text, { retryable: true });
}
