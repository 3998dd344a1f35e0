/** Lines for the console: the time, the level, the message, its fields. */
import type { Logger } from '@skylarkmq/client';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function consoleLogger(least: LogLevel, write: (line: string) => void): Logger {
  const at =
    (level: LogLevel): Logger['info'] =>
    (fields, message) => {
      if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
      const time = new Date().toISOString();
      write(`${time} ${level.toUpperCase().padEnd(5)} ${message} ${textOf(fields)}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function textOf(fields: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(fields).map(([name, value]) => {
    const text = value instanceof Error ? value.message : value;
    return `${name}=${typeof text === 'string' ? text : JSON.stringify(text)}`;
  });
  return parts.join(' ');
}
