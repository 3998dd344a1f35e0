/** `skylark broker`: a broker of its own, also from Apache's configuration file as it is. */
import { dirname, resolve } from 'node:path';
import { type Logger, realClock, realFileSystem, realPrng, realScheduler } from '@skylarkmq/base';
import {
  Broker,
  type ConfiguredAccess,
  type ConfiguredOptions,
  parseBrokerConfig,
} from '@skylarkmq/broker';
import { splitAddress } from '@skylarkmq/remoting';
import type { FlushMode } from '@skylarkmq/store';
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
import {
  ACCESS_FLAGS,
  type Access,
  type AdminSecret,
  accessLine,
  accessOfFile,
  accessOfFlags,
  adminSecret,
} from '../compose/access.ts';
import { advertisedAddress, bindAddress, isLoopback } from '../compose/advertise.ts';
import { prepareDirectory } from '../compose/text-file.ts';
import { clientTls, NAMESRV_TLS_FLAGS } from '../tls/client-tls-flags.ts';
import { serverTls, TLS_FLAGS } from '../tls/tls-flags.ts';
import { readConfigFile } from './read-config-file.ts';

const FLUSH_MODES: readonly FlushMode[] = ['sync', 'async'];

const FLAGS: readonly Flag[] = [
  { name: 'config', short: 'c', value: 'FILE', help: "Apache's broker.conf as it is" },
  {
    name: 'namesrv',
    short: 'n',
    value: 'LIST',
    help: 'host:port;host:port ... (default: NAMESRV_ADDR, then the file)',
  },
  ...NAMESRV_TLS_FLAGS,
  { name: 'port', short: 'p', value: 'PORT', help: 'default: 10911; 0: any free pair of ports' },
  {
    name: 'bind',
    value: 'ADDRESS',
    help: 'address to listen on (default: 127.0.0.1; with -c all, as Apache)',
  },
  {
    name: 'advertise',
    value: 'ADDRESS',
    help: 'IP or name that clients are told; auto: as the name server was reached',
  },
  { name: 'data', value: 'DIR', help: 'the store (default: ./data/store; with -c ~/store)' },
  {
    name: 'flush',
    value: 'MODE',
    help: 'sync or async: when to acknowledge (default: sync; with -c async)',
  },
  ...ACCESS_FLAGS,
  ...TLS_FLAGS,
  IGNORE_UNKNOWN_KEYS_FLAG,
  JSON_FLAG,
  LOG_LEVEL_FLAG,
];

const ABOUT = `\
Runs a broker and registers it at name servers. Flags come before the file; what neither says has
Apache's default when there is a file, and that of skylark start when there is none.`;

const BROKER_NAME = 'broker-a';

interface ConfigurationFile {
  readonly path: string;
  readonly options: ConfiguredOptions;
  readonly access: ConfiguredAccess;
}

/** Undefined after `--help`. */
export async function broker(input: CommandInput): Promise<Running | undefined> {
  const flags = parseFlags(input.args, FLAGS);
  if (flags.has('help')) {
    input.write(helpText('skylark broker [flags]', ABOUT, FLAGS));
    return undefined;
  }
  const logger = loggerOf(logLevelOf(flags), input);
  const file = readFile(flags, input, logger);
  const options = file?.options ?? {};
  const flush = flags.oneOf('flush', FLUSH_MODES) ?? options.flush ?? (file ? 'async' : 'sync');
  const directory = storeDirectory(flags, input, file);
  const namesrvAddresses = nameServers(flags, input, options);
  const brokerName = options.brokerName ?? BROKER_NAME;
  const place = await placeOf(flags, file, namesrvAddresses);
  prepareDirectory(realFileSystem, directory);
  const tls = serverTls(flags, {
    workingDirectory: input.workingDirectory,
    directory: `${directory}/tls`,
    host: place.advertisedHost,
    logger,
  });
  const admin = adminOf(flags, file, place.host, directory);
  const access = accessOf(flags, file, input.workingDirectory, admin);
  const namesrvTls = clientTls(flags, input.workingDirectory);
  const port = flags.port('port');
  const running = await Broker.start({
    propertyCrc: file === undefined,
    ...options,
    ...place,
    ...access,
    clock: realClock,
    scheduler: realScheduler,
    prng: realPrng(),
    logger,
    fileSystem: realFileSystem,
    directory,
    brokerName,
    namesrvAddresses,
    flush,
    processId: input.pid,
    ...(port === undefined ? {} : { port }),
    ...(tls === undefined ? {} : { tls }),
    ...(namesrvTls === undefined ? {} : { namesrvTls }),
    ...(file === undefined ? {} : { configPath: file.path }),
  });
  const { address, recovery } = running;
  const namesrv = namesrvAddresses.length === 0 ? undefined : namesrvAddresses.join(';');
  const banner = {
    pid: input.pid,
    namesrv,
    brokers: [{ name: brokerName, address, recovery }],
    data: directory,
    durability: flush,
    access: accessLine(access, admin),
    tookMs: input.upMs(),
    next: namesrv === undefined ? undefined : `${input.program} try --namesrv '${namesrv}'`,
  };
  input.write(flags.has('json') ? bannerJson(banner) : bannerText(banner));
  return running;
}

function readFile(
  flags: Flags,
  input: CommandInput,
  logger: Logger,
): ConfigurationFile | undefined {
  const file = readConfigFile(flags, input, logger, (text, ignoreUnknown) =>
    parseBrokerConfig(text, { ignoreUnknown }),
  );
  if (file === undefined) return undefined;
  const { path, config } = file;
  return { path, options: config.options, access: config.access };
}

/** Other machines need a name for changes: there is one as soon as they can connect. */
function adminOf(
  flags: Flags,
  file: ConfigurationFile | undefined,
  host: string,
  directory: string,
): AdminSecret | undefined {
  const isOn = flags.has('auth') || file?.access.authenticationEnabled === true;
  if (!isOn && isLoopback(host)) return undefined;
  return adminSecret(realFileSystem, `${directory}/config/admin.secret`);
}

function accessOf(
  flags: Flags,
  file: ConfigurationFile | undefined,
  workingDirectory: string,
  admin: AdminSecret | undefined,
): Access {
  const isFlag = flags.has('auth') || flags.text('acl') !== undefined;
  if (file === undefined || isFlag) return accessOfFlags(flags, workingDirectory, admin);
  const home = file.options.configured?.get('rocketmqHome')?.trim();
  const directory = home ? resolve(home, 'conf') : dirname(file.path);
  return accessOfFile(file.access, directory, admin);
}

function storeDirectory(
  flags: Flags,
  { workingDirectory, homeDirectory }: CommandInput,
  file: ConfigurationFile | undefined,
): string {
  const given = flags.text('data') ?? file?.options.directory;
  if (given !== undefined) return resolve(workingDirectory, given);
  return file === undefined
    ? resolve(workingDirectory, 'data/store')
    : resolve(homeDirectory, 'store');
}

function nameServers(
  flags: Flags,
  { env, writeError }: CommandInput,
  options: ConfiguredOptions,
): readonly string[] {
  const given = flags.text('namesrv') ?? env['NAMESRV_ADDR'];
  const list = given === undefined ? (options.namesrvAddresses ?? []) : given.split(';');
  const names = list.map((one) => one.trim()).filter((one) => one !== '');
  for (const name of names) splitAddress(name);
  if (names.length === 0) {
    writeError(
      'skylark: no name server is given (-n host:port): clients cannot find this broker\n',
    );
  }
  return names;
}

interface Place {
  readonly host: string;
  readonly advertisedHost: string;
  readonly advertisedIp: string;
  readonly advertiseAuto: boolean;
}

async function placeOf(
  flags: Flags,
  file: ConfigurationFile | undefined,
  namesrvAddresses: readonly string[],
): Promise<Place> {
  const options = file?.options ?? {};
  const host = bindAddress(flags.text('bind') ?? options.host ?? (file && '0.0.0.0'));
  const flag = flags.text('advertise');
  const wanted = flag ?? options.advertisedHost;
  const name = flag === undefined ? 'brokerIP1' : '--advertise';
  const advertised = await advertisedAddress(host, wanted, name);
  // How clients reach the name server says something about us only when it runs on this machine.
  const isNear = namesrvAddresses.every((address) => isLoopback(splitAddress(address).host));
  const advertiseAuto = advertised.auto && (wanted === 'auto' || isNear);
  return { host, advertisedHost: advertised.host, advertisedIp: advertised.ip, advertiseAuto };
}
