#!/usr/bin/env node
/** The process edge of the mall: the only file that reads arguments and environment. */
import { join, resolve } from 'node:path';
import { consoleLogger } from './console-logger.ts';
import { type CommandLine, HELP, parseCommandLine, UsageError } from './embedded/command-line.ts';
import { type KeptSecrets, secretsOf } from './embedded/secrets.ts';
import { type Mall, type MallOptions, startMall } from './embedded/start-mall.ts';
import { messageOf } from './shared/api-error.ts';
import { parseLocation } from './shared/database/location.ts';

const USAGE_STATUS = 2;
const WEB = join(import.meta.dirname, '../web/dist');

async function main(): Promise<void> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine === undefined) {
    process.stdout.write(HELP);
    return;
  }
  const data = commandLine.data === null ? null : resolve(commandLine.data);
  const secrets = secretsOf(data === null ? null : join(data, 'secrets.json'), {
    internal: process.env['MALL_SECRET'],
    provider: process.env['MALL_PROVIDER_SECRET'],
    staffPassword: process.env['MALL_STAFF_PASSWORD'],
  });
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    const ended = starting.then((mall) => mall.stop());
    ended.then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  const starting = startMall(optionsOf(commandLine, data, secrets));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const mall = await starting;
  await mall.ready();
  if (!stopping) process.stdout.write(banner(mall, commandLine, secrets));
}

function optionsOf(
  commandLine: CommandLine,
  data: string | null,
  secrets: KeptSecrets,
): MallOptions {
  const { port, namesrv, services, database, paymentTimeoutMs, publicUrl, bankUrl } = commandLine;
  const location = database ?? (data === null ? ':memory:' : join(data, 'database'));
  const { demo, seed, fanOut, secureCookies } = commandLine;
  // A service alone listens where it is told to, the shop where visitors look for it.
  const [only] = services ?? ['edge' as const];
  const own = services !== undefined && services.length > 1 ? 'edge' : only;
  return {
    ...(namesrv === undefined ? {} : { namesrv }),
    ...(data === null ? {} : { platform: { directory: join(data, 'platform') } }),
    ...(services === undefined ? {} : { services }),
    database: parseLocation(location),
    urls: commandLine.urls,
    ports: { ...(own === undefined ? {} : { [own]: port }), ...commandLine.ports },
    host: commandLine.host,
    secrets,
    settings: {
      ...{ demo, seed, fanOut, secureCookies, paymentTimeoutMs, publicUrl, bankUrl },
      staffPassword: secrets.staffPassword,
      webDirectory: WEB,
    },
    logger: consoleLogger(commandLine.logLevel, (line) => process.stderr.write(line)),
  };
}

function banner(mall: Mall, { json, services }: CommandLine, secrets: KeptSecrets): string {
  const { urls, namesrv } = mall.deps;
  if (json) {
    const started = Object.fromEntries(mall.services.map(({ name, url }) => [name, url]));
    return `${JSON.stringify({ pid: process.pid, namesrv, urls: started })}\n`;
  }
  if (services !== undefined) {
    return mall.services.map(({ name, url }) => `${name} is ready: ${url}\n`).join('');
  }
  return [
    `The mall is open:   ${urls.edge}`,
    `Control room:       ${urls.edge}/control`,
    `API:                ${urls.edge}/api/openapi.json`,
    `Staff:              staff@mall.example, password ${secrets.staffPassword}`,
    `Message platform:   ${namesrv}`,
    '',
  ].join('\n');
}

function fail(error: unknown): never {
  const status = error instanceof UsageError ? USAGE_STATUS : 1;
  process.stderr.write(`mall: ${messageOf(error).replaceAll('\n', ' ')}\n`);
  if (status === USAGE_STATUS) process.stderr.write('mall: --help shows all flags\n');
  process.exit(status);
}

main().catch(fail);
