import type { Logger } from '@skylarkmq/client';

/** Says what goes wrong when MALL_LOG is set: tests make much go wrong on purpose. */
export const quietLogger: Logger = {
  debug() {},
  info: say('info'),
  warn: say('warn'),
  error: say('error'),
};

function say(level: string): Logger['info'] {
  if (process.env['MALL_LOG'] === undefined) return () => {};
  return (fields, message) => console.error(level, message, JSON.stringify(fields));
}
