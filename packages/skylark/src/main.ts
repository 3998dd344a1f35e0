#!/usr/bin/env node
/**
 * The process edge of the command: the only file that reads arguments and environment. Loads only
 * the command that was asked for.
 */
import { homedir } from 'node:os';
import { basename, relative } from 'node:path';
import { MqError, MqErrorCode, nearestName } from '@skylarkmq/base';
import type { Command, CommandInput } from './cli/command.ts';
import { StopSignals } from './cli/stop-signals.ts';
import { VERSION } from './cli/version.ts';

const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['start', async () => (await import('./commands/start.ts')).start],
  ['namesrv', async () => (await import('./commands/namesrv.ts')).namesrv],
  ['broker', async () => (await import('./commands/broker.ts')).broker],
  ['try', async () => (await import('./commands/try.ts')).tryOut],
]);

const HELP = `Usage: skylark COMMAND [flags]

  start     name server and broker in one process: all that is needed
  namesrv   a name server of its own
  broker    a broker of its own, also from Apache's broker.conf as it is
  try       sends one message and receives it, to see that all is well

  skylark COMMAND --help   the flags of a command
  skylark --version        the version
`;

const USAGE_STATUS = 2;

function programName(script: string | undefined): string {
  if (script === undefined || basename(script) === 'skylark') return 'skylark';
  return `node ${relative(process.cwd(), script)}`;
}

function inputOf(args: readonly string[]): CommandInput {
  return {
    args,
    env: process.env,
    program: programName(process.argv[1]),
    pid: process.pid,
    workingDirectory: process.cwd(),
    homeDirectory: homedir(),
    errorIsTerminal: process.stderr.isTTY === true,
    upMs: () => process.uptime() * 1000,
    write: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
  };
}

function complain(error: unknown): void {
  const { message } = MqError.from(error);
  process.stderr.write(`skylark: ${message.replaceAll('\n', ' ')}\n`);
}

/** An error that nobody caught: state is unknown, so the process ends, with one line. */
function die(error: unknown): void {
  const place = error instanceof Error ? (error.stack?.split('\n')[1]?.trim() ?? '') : '';
  complain(new Error(`Internal error, please report: ${MqError.from(error).message} ${place}`));
  process.exit(1);
}

function commandOf(name: string): () => Promise<Command> {
  const load = COMMANDS.get(name);
  if (load !== undefined) return load;
  const nearest = nearestName(name, COMMANDS.keys());
  const hint = nearest === undefined ? 'see skylark --help' : `did you mean ${nearest}?`;
  throw new MqError(MqErrorCode.InvalidArgument, `There is no command ${name}: ${hint}`);
}

async function main(): Promise<void> {
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  // Who reads the banner may go away; the servers stay.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(HELP);
    if (name === undefined) process.exitCode = USAGE_STATUS;
    return;
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`skylark ${VERSION}\n`);
    return;
  }
  try {
    const load = commandOf(name);
    const signals = new StopSignals({
      source: process,
      exit: (code) => process.exit(code),
      failed: complain,
    });
    const command = await load();
    const running = await command(inputOf(args));
    if (running !== undefined) signals.started(running);
  } catch (error) {
    complain(error);
    const isUsage = MqError.from(error).code === MqErrorCode.InvalidArgument;
    process.exit(isUsage ? USAGE_STATUS : 1);
  }
}

await main();
