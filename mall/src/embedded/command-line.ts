/** Flags of the mall's command, checked. */
import { parseArgs } from 'node:util';
import { LOG_LEVELS, type LogLevel } from '../console-logger.ts';
import { SERVICE_NAMES, type ServiceName } from '../shared/service.ts';

export const HELP = `Usage: npm run mall -- [flags]

Without flags everything runs in one process: the message platform, the services, the web shop.

  --port N               of the shop (default: 3000; 0: any free one)
  --host ADDRESS         to listen on (default: 127.0.0.1)
  --data DIR             where everything is kept (default: ./data/mall)
  --memory               keep everything in memory: nothing touches the disk
  --namesrv HOST:PORT    use this cluster of RocketMQ or Skylark instead of an own platform
  --database URL         postgres://...: a schema for each service there, instead of PGlite
  --service NAMES        run only these services, comma between: each may be a process of its own
  --url NAME=URL         where a service is that runs elsewhere; may be repeated
  --service-port NAME=N  port of a service (default: any free one); may be repeated
  --public-url URL       how visitors reach the shop (default: where it listens)
  --bank-url URL         how they reach the payment provider's page (default: the same way)
  --secure-cookies       cookies only over HTTPS
  --payment-timeout S    seconds until an unpaid order is cancelled (default: 60; --no-demo: 900)
  --fan-out HOW          tell of payments by "transaction" (default) or "outbox"
  --no-demo              the control room is for staff only
  --no-seed              no products to begin with
  --log-level LEVEL      ${LOG_LEVELS.join(', ')} (default: warn)
  --json                 say in JSON when all is ready
  --help                 this text

Environment: MALL_SECRET and MALL_PROVIDER_SECRET (shared by services that are processes of their
own), MALL_STAFF_PASSWORD (of staff@mall.example). Without them they are made, and kept in DIR.

Services: ${SERVICE_NAMES.join(', ')}
`;

export interface CommandLine {
  readonly port: number;
  readonly host: string;
  /** Null: in memory. */
  readonly data: string | null;
  readonly namesrv: string | undefined;
  readonly database: string | undefined;
  /** Undefined: all. */
  readonly services: readonly ServiceName[] | undefined;
  readonly urls: Partial<Record<ServiceName, string>>;
  readonly ports: Partial<Record<ServiceName, number>>;
  readonly publicUrl: string;
  readonly bankUrl: string;
  readonly secureCookies: boolean;
  readonly paymentTimeoutMs: number;
  readonly fanOut: 'transaction' | 'outbox';
  readonly demo: boolean;
  readonly seed: boolean;
  readonly logLevel: LogLevel;
  readonly json: boolean;
}

/** What is wrong with the flags, in words for whoever typed them. */
export class UsageError extends Error {}

const PORT_DEFAULT = 3_000;
const PORT_MAX = 65_535;
const DEMO_TIMEOUT_S = 60;
const TIMEOUT_S = 900;
const TIMEOUT_S_MAX = 86_400;

/** Undefined: help is wanted. */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  const values = flagsOf(args);
  if (values.help) return undefined;
  if (values.memory && values.data !== undefined) {
    throw new UsageError('--memory keeps nothing on the disk: --data has no meaning then');
  }
  const services = values.service?.split(',').map((name) => serviceName(name, '--service'));
  if (services !== undefined && values.namesrv === undefined) {
    throw new UsageError('--service needs --namesrv: the services meet at a platform');
  }
  const timeout = values['no-demo'] ? TIMEOUT_S : DEMO_TIMEOUT_S;
  return {
    port: integer(values.port, '--port', { fallback: PORT_DEFAULT, min: 0, max: PORT_MAX }),
    host: values.host ?? '127.0.0.1',
    data: values.memory ? null : (values.data ?? 'data/mall'),
    namesrv: values.namesrv,
    database: values.database,
    services,
    urls: Object.fromEntries(pairs(values.url, '--url')),
    ports: Object.fromEntries(
      pairs(values['service-port'], '--service-port').map(([name, text]) => [
        name,
        integer(text, '--service-port', { fallback: 0, min: 0, max: PORT_MAX }),
      ]),
    ),
    publicUrl: url(values['public-url'], '--public-url'),
    bankUrl: url(values['bank-url'], '--bank-url'),
    secureCookies: values['secure-cookies'],
    paymentTimeoutMs:
      1_000 *
      integer(values['payment-timeout'], '--payment-timeout', {
        ...{ fallback: timeout, min: 1, max: TIMEOUT_S_MAX },
      }),
    fanOut: choice(values['fan-out'], '--fan-out', ['transaction', 'outbox'] as const),
    demo: !values['no-demo'],
    seed: !values['no-seed'],
    logLevel: choice(values['log-level'] ?? 'warn', '--log-level', LOG_LEVELS),
    json: values.json,
  };
}

function flagsOf(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const off = { type: 'boolean', default: false } as const;
  const many = { type: 'string', multiple: true } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...{ port: text, host: text, data: text, memory: off, namesrv: text, database: text },
        ...{ service: text, url: many, 'service-port': many, 'public-url': text },
        ...{ 'bank-url': text },
        ...{ 'secure-cookies': off, 'payment-timeout': text, 'fan-out': text, 'no-demo': off },
        ...{ 'no-seed': off, 'log-level': text, json: off, help: off },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function serviceName(text: string, flag: string): ServiceName {
  const found = SERVICE_NAMES.find((name) => name === text.trim());
  if (found !== undefined) return found;
  throw new UsageError(`${flag} ${text}: there are ${SERVICE_NAMES.join(', ')}`);
}

function pairs(texts: readonly string[] | undefined, flag: string): [ServiceName, string][] {
  return (texts ?? []).map((text) => {
    const [name = '', ...rest] = text.split('=');
    if (rest.length === 0) throw new UsageError(`${flag} ${text}: it must be NAME=VALUE`);
    return [serviceName(name, flag), rest.join('=')];
  });
}

interface Limits {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

function integer(text: string | undefined, flag: string, { fallback, min, max }: Limits): number {
  if (text === undefined) return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${flag} ${text}: it must be a number from ${min} to ${max}`);
}

function choice<T extends string>(text: string | undefined, flag: string, all: readonly T[]): T {
  const [first] = all;
  const found = text === undefined ? first : all.find((one) => one === text);
  if (found !== undefined) return found;
  throw new UsageError(`${flag} ${text}: it must be ${all.join(' or ')}`);
}

function url(text: string | undefined, flag: string): string {
  if (text === undefined) return '';
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return new URL(text).origin;
  throw new UsageError(`${flag} ${text}: it must begin with http:// or https://`);
}
