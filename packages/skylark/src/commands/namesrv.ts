/** `skylark namesrv`: a name server of its own. */
import { resolve } from 'node:path';
import { type Logger, realClock, realFileSystem, realScheduler } from '@skylarkmq/base';
import { NameServer } from '@skylarkmq/namesrv';
import { joinAddress } from '@skylarkmq/remoting';
import { bannerJson, bannerText } from '../cli/banner.ts';
import type { CommandInput, Running } from '../cli/command.ts';
import { type Flag, type Flags, helpText, parseFlags } from '../cli/flags.ts';
import {
  IGNORE_UNKNOWN_KEYS_FLAG,
  JSON_FLAG,
  LOG_LEVEL_FLAG,
  loggerOf,
  logLevelOf,
} from '../cli/server-flags.ts';
import { advertisedAddress, bindAddress } from '../compose/advertise.ts';
import { type NamesrvConfig, parseNamesrvConfig } from '../compose/namesrv-config.ts';
import { prepareDirectory } from '../compose/text-file.ts';
import { serverTls, TLS_FLAGS } from '../tls/tls-flags.ts';
import { readConfigFile } from './read-config-file.ts';

const FLAGS: readonly Flag[] = [
  { name: 'config', short: 'c', value: 'FILE', help: "Apache's namesrv.conf as it is" },
  { name: 'port', short: 'p', value: 'PORT', help: 'default: 9876; 0: any free port' },
  {
    name: 'bind',
    value: 'ADDRESS',
    help: 'address to listen on (default: 127.0.0.1; with -c all, as Apache)',
  },
  {
    name: 'data',
    value: 'DIR',
    help: 'of its key-value pairs (default: ./data/namesrv; with -c ~/namesrv)',
  },
  ...TLS_FLAGS,
  IGNORE_UNKNOWN_KEYS_FLAG,
  JSON_FLAG,
  LOG_LEVEL_FLAG,
];

const ABOUT = 'Runs a name server: brokers register at it, clients ask it where a topic is.';
const PORT = 9876;

/** Undefined after `--help`. */
export async function namesrv(input: CommandInput): Promise<Running | undefined> {
  const flags = parseFlags(input.args, FLAGS);
  if (flags.has('help')) {
    input.write(helpText('skylark namesrv [flags]', ABOUT, FLAGS));
    return undefined;
  }
  const logger = loggerOf(logLevelOf(flags), input);
  const config = readConfig(flags, input, logger);
  const bind = bindAddress(flags.text('bind') ?? config?.host ?? (config && '0.0.0.0'));
  const { host } = await advertisedAddress(bind, undefined);
  const directory = dataDirectory(flags, input, config !== undefined);
  const kvConfigPath = resolve(directory, config?.kvConfigPath ?? 'kvConfig.json');
  prepareDirectory(realFileSystem, resolve(kvConfigPath, '..'));
  const { workingDirectory } = input;
  const tls = serverTls(flags, { workingDirectory, directory: `${directory}/tls`, host, logger });
  const server = new NameServer({
    clock: realClock,
    scheduler: realScheduler,
    logger,
    fileSystem: realFileSystem,
    host: bind,
    port: flags.port('port') ?? config?.port ?? PORT,
    kvConfigPath,
    ...(config === undefined ? {} : { settings: config.settings, configPath: config.path }),
    ...(config?.idleMs === undefined ? {} : { limits: { idleMs: config.idleMs } }),
    ...(tls === undefined ? {} : { tls }),
  });
  const { port } = await server.start();
  const address = joinAddress(host, port);
  const banner = {
    pid: input.pid,
    namesrv: address,
    brokers: [],
    data: undefined,
    durability: undefined,
    tookMs: input.upMs(),
    next: `${input.program} broker --namesrv ${address}`,
  };
  input.write(flags.has('json') ? bannerJson(banner) : bannerText(banner));
  return server;
}

interface ConfigurationFile extends NamesrvConfig {
  readonly path: string;
}

function readConfig(
  flags: Flags,
  input: CommandInput,
  logger: Logger,
): ConfigurationFile | undefined {
  const file = readConfigFile(flags, input, logger, parseNamesrvConfig);
  return file && { ...file.config, path: file.path };
}

function dataDirectory(flags: Flags, input: CommandInput, hasConfig: boolean): string {
  const given = flags.text('data');
  if (given !== undefined) return resolve(input.workingDirectory, given);
  if (hasConfig) return resolve(input.homeDirectory, 'namesrv');
  return resolve(input.workingDirectory, 'data/namesrv');
}
