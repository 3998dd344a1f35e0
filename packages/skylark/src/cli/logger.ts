/**
 * The log of the command: one line an event on the error output, JSON for programs, text for a
 * terminal. The libraries never write on their own; this is what the command hands in.
 */
import type { LogFields, Logger } from '@skylarkmq/base';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** The least that is written. */
  readonly level: LogLevel;
  /** Text with colours instead of JSON. */
  readonly pretty: boolean;
  readonly nowMs: () => number;
  readonly write: (line: string) => void;
}

/** Longer lines are cut: a log must not grow with what peers send. */
const LINE_LENGTH_MAX = 8192;
const SECRETS: ReadonlySet<string> = new Set(['secretKey', 'password', 'passphrase', 'key']);
const COLOURS = { debug: 90, info: 36, warn: 33, error: 31, silent: 0 } as const;

/** A logger that drops everything below its level. */
export function createLogger(options: LoggerOptions): Logger {
  const least = LOG_LEVELS.indexOf(options.level);
  const at = (level: LogLevel): ((fields: LogFields, message: string) => void) => {
    if (LOG_LEVELS.indexOf(level) < least) return () => {};
    const line = options.pretty ? prettyLine : jsonLine;
    return (fields, message) => options.write(line(level, options.nowMs(), fields, message));
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function jsonLine(level: LogLevel, nowMs: number, fields: LogFields, message: string): string {
  const time = new Date(nowMs).toISOString();
  const line = toJson({ time, level, message, ...fields });
  if (line.length <= LINE_LENGTH_MAX) return `${line}\n`;
  return `${toJson({ time, level, message: message.slice(0, LINE_LENGTH_MAX / 2) })}\n`;
}

function prettyLine(level: LogLevel, nowMs: number, fields: LogFields, message: string): string {
  const time = new Date(nowMs).toISOString().slice(11, 23);
  const name = `\u001b[${COLOURS[level]}m${level.padEnd(5)}\u001b[0m`;
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${toText(key, value)}`);
  return `${`${time} ${name} ${message}${pairs.join('')}`.slice(0, LINE_LENGTH_MAX)}\n`;
}

function toText(key: string, value: unknown): string {
  if (SECRETS.has(key)) return '***';
  if (typeof value === 'string') return /[\s"]/.test(value) ? JSON.stringify(value) : value;
  return value instanceof Error ? JSON.stringify(value.message) : toJson(value);
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value, plain) ?? 'null';
  } catch {
    return '"(not printable)"';
  }
}

/** What JSON cannot say, or must not: errors, big integers, bytes, secrets. */
function plain(key: string, value: unknown): unknown {
  if (SECRETS.has(key)) return '***';
  if (value instanceof Error) return errorFields(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  return value;
}

function errorFields(error: Error): LogFields {
  const code = 'code' in error ? { code: error.code } : {};
  const cause = error.cause instanceof Error ? { cause: error.cause.message } : {};
  return { message: error.message, ...code, ...cause };
}
