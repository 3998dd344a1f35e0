/** `skylark start`: name server and brokers in one process. */
import { resolve } from 'node:path';
import { MemoryFileSystem, MqError, MqErrorCode, realFileSystem } from '@skylarkmq/base';
import type { FlushMode } from '@skylarkmq/store';
import { bannerJson, bannerText } from '../cli/banner.ts';
import type { CommandInput, Running } from '../cli/command.ts';
import { type Flag, type Flags, helpText, parseFlags } from '../cli/flags.ts';
import { JSON_FLAG, LOG_LEVEL_FLAG, loggerOf, logLevelOf } from '../cli/server-flags.ts';
import {
  ACCESS_FLAGS,
  accessLine,
  accessOfFlags,
  adminSecret,
  checkOwnAccount,
} from '../compose/access.ts';
import { advertisedAddress, bindAddress, isLoopback } from '../compose/advertise.ts';
import { startAllInOne } from '../compose/all-in-one.ts';
import { serverTls, TLS_FLAGS } from '../tls/tls-flags.ts';

const FLUSH_MODES: readonly FlushMode[] = ['sync', 'async'];
const SHARDS_MAX = 64;

const FLAGS: readonly Flag[] = [
  { name: 'data', value: 'DIR', help: 'where messages are kept (default: ./data)' },
  { name: 'bind', value: 'ADDRESS', help: 'address to listen on (default: 127.0.0.1)' },
  {
    name: 'advertise',
    value: 'ADDRESS',
    help: 'IP or host name that clients are told (auto: the one they came by)',
  },
  { name: 'namesrv-port', value: 'PORT', help: 'default: 9876; 0: any free port' },
  { name: 'broker-port', value: 'PORT', help: 'default: 10911; 0: any free port' },
  { name: 'flush', value: 'MODE', help: 'sync or async: before or after the disk (default: sync)' },
  { name: 'shards', value: 'N', help: 'brokers, each in a thread of its own (default: 1)' },
  { name: 'memory', help: 'keep everything in memory: nothing touches the disk' },
  ...ACCESS_FLAGS,
  {
    name: 'admin-from-anywhere',
    help: 'take changes from other machines unsigned, in a closed network',
  },
  ...TLS_FLAGS,
  JSON_FLAG,
  LOG_LEVEL_FLAG,
];

const ABOUT = `\
Runs a name server and a broker in one process. An acknowledged message is on the disk.
SIGTERM and SIGINT drain and flush; a second one ends the process at once.`;

/** Undefined after `--help`. */
export async function start(input: CommandInput): Promise<Running | undefined> {
  const flags = parseFlags(input.args, FLAGS);
  if (flags.has('help')) {
    input.write(helpText('skylark start [flags]', ABOUT, FLAGS));
    return undefined;
  }
  const data = dataDirectory(flags, input.workingDirectory);
  const flush = flags.oneOf('flush', FLUSH_MODES) ?? 'sync';
  const bind = bindAddress(flags.text('bind'));
  const advertised = await advertisedAddress(bind, flags.text('advertise'));
  const logLevel = logLevelOf(flags);
  const logger = loggerOf(logLevel, input);
  const tls = serverTls(flags, {
    workingDirectory: input.workingDirectory,
    directory: data === null ? null : `${data}/tls`,
    host: advertised.host,
    logger,
  });
  const admin =
    flags.has('auth') || !isLoopback(bind)
      ? adminSecret(
          data === null ? new MemoryFileSystem() : realFileSystem,
          `${data ?? '/memory'}/conf/admin.secret`,
        )
      : undefined;
  const access = accessOfFlags(flags, input.workingDirectory, admin);
  checkOwnAccount(access);
  const server = await startAllInOne({
    access,
    adminFromAnywhere: flags.has('admin-from-anywhere'),
    data,
    bind,
    advertised,
    namesrvPort: flags.port('namesrv-port') ?? 9876,
    brokerPort: flags.port('broker-port') ?? 10911,
    flush,
    shards: flags.integer('shards', 1, SHARDS_MAX) ?? 1,
    pid: input.pid,
    tls,
    logger,
    logLevel,
    errorIsTerminal: input.errorIsTerminal,
    died: (error) => {
      // Nobody catches it: main.ts ends the process with one line.
      throw error;
    },
  });
  const secure = tls?.mode === 'enforcing' ? ' --namesrv-tls' : '';
  const secret = flags.has('auth') && data !== null ? ` --secret ${admin?.path}` : '';
  const banner = {
    pid: input.pid,
    namesrv: server.namesrv,
    brokers: server.brokers,
    data,
    durability: data === null ? ('memory' as const) : flush,
    access: accessLine(access, admin),
    tookMs: input.upMs(),
    next: `${input.program} try --namesrv ${server.namesrv}${secure}${secret}`,
  };
  input.write(flags.has('json') ? bannerJson(banner) : bannerText(banner));
  return server;
}

function dataDirectory(flags: Flags, workingDirectory: string): string | null {
  const given = flags.text('data');
  if (!flags.has('memory')) return resolve(workingDirectory, given ?? 'data');
  if (given === undefined) return null;
  const message = '--memory keeps nothing on the disk: --data has no meaning then';
  throw new MqError(MqErrorCode.InvalidArgument, message);
}
