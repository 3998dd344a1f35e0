/** Flags that all servers of the command share. */
import { type Logger, realClock } from '@skylarkmq/base';
import type { CommandInput } from './command.ts';
import type { Flag, Flags } from './flags.ts';
import { createLogger, LOG_LEVELS, type LogLevel } from './logger.ts';

export const JSON_FLAG: Flag = { name: 'json', help: 'print the banner as one line of JSON' };

export const LOG_LEVEL_FLAG: Flag = {
  name: 'log-level',
  value: 'LEVEL',
  help: `of the error output: ${LOG_LEVELS.join(', ')} (default: warn)`,
};

export const IGNORE_UNKNOWN_KEYS_FLAG: Flag = {
  name: 'ignore-unknown-keys',
  help: 'start although the configuration has keys that nobody knows',
};

const DEFAULT_LEVEL: LogLevel = 'warn';

export function logLevelOf(flags: Flags): LogLevel {
  return flags.oneOf('log-level', LOG_LEVELS) ?? DEFAULT_LEVEL;
}

export function loggerOf(
  level: LogLevel,
  input: Pick<CommandInput, 'errorIsTerminal' | 'writeError'>,
): Logger {
  return createLogger({
    level,
    pretty: input.errorIsTerminal,
    nowMs: realClock.nowMs,
    write: (line) => input.writeError(line),
  });
}
