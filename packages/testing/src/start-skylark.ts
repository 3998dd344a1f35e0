/** A name server and a broker inside a test. */
import { resolve } from 'node:path';
import {
  type Clock,
  createPrng,
  type Logger,
  MemoryFileSystem,
  MqError,
  MqErrorCode,
  randomSeed,
  realClock,
  realFileSystem,
  realScheduler,
  type Scheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import type { BrokerOptions, BrokerSettings } from '@skylarkmq/broker';
import { NameServer } from '@skylarkmq/namesrv';
import { joinAddress } from '@skylarkmq/remoting';
import type { FlushMode } from '@skylarkmq/store';
import { BrokerProcess } from './broker/broker-process.ts';
import { Faults } from './faults/faults.ts';
import { Skylark } from './skylark.ts';

/** Options of {@link startSkylark}; all have defaults that suit a test. */
export interface StartSkylarkOptions {
  /** Port of the name server. Default 0, any free one. */
  readonly port?: number;
  /** Port of the broker; it also takes the one 2 below. Default 0, any free pair. */
  readonly brokerPort?: number;
  /** Default true without a `directory`: nothing touches the disk. */
  readonly inMemory?: boolean;
  /** Where messages are kept, so that they are there at the next start. */
  readonly directory?: string;
  /** Whether time stands still until `time.advance()`. Default false: the machine's own time. */
  readonly virtualTime?: boolean;
  /** Default `sync`; in memory it makes no difference. */
  readonly flush?: FlushMode;
  /**
   * Settings of the broker under the names of its configuration, for example
   * `{ transactionCheckInterval: 1000, autoCreateTopicEnable: false }`.
   */
  readonly settings?: Partial<BrokerSettings>;
  /** Makes the chance in faults and broker repeatable. Default: another one every time. */
  readonly seed?: number;
  /** Default broker-a. */
  readonly brokerName?: string;
  /** Default: silent. Fields come first, as in pino. */
  readonly logger?: Logger;
}

const HOST = '127.0.0.1';

/**
 * Starts a name server and a broker on loopback and resolves when messages can be sent. Close it,
 * or declare it with `await using`.
 *
 * With `virtualTime`, delays, retries, transaction checks, POP and retention follow
 * `time.advance()`; clients do when they get `skylark.clientOptions`, else they stay on real time.
 * INVALID_ARGUMENT for options that contradict each other, SYSTEM for a port in use.
 */
export async function startSkylark(options: StartSkylarkOptions = {}): Promise<Skylark> {
  const logger = options.logger ?? silentLogger;
  const directory = directoryOf(options);
  const seed = options.seed ?? randomSeed();
  let requests = (): number => 0;
  const time = options.virtualTime ? virtualTime(() => requests()) : undefined;
  const namesrv = new NameServer({
    clock: time === undefined ? realClock : frozenClock(time.nowMs()),
    scheduler: realScheduler,
    logger,
    fileSystem: new MemoryFileSystem(),
    host: HOST,
    port: options.port ?? 0,
    ...(time === undefined ? {} : { limits: PATIENT }),
  });
  const { port } = await namesrv.start();
  const namesrvAddress = joinAddress(HOST, port);
  let broker: BrokerProcess | undefined;
  const faults = new Faults({
    scheduler: time ?? realScheduler,
    prng: createPrng(seed),
    crash: async () => broker?.restart(true),
  });
  requests = () => faults.requests;
  try {
    const deps = { namesrvAddress, directory, time, logger, seed, faults };
    broker = await BrokerProcess.start({ options: brokerOptions(options, deps), time });
    return new Skylark({
      ...{ namesrv, broker, namesrvAddress, directory, time, faults, seed },
      brokerName: options.brokerName ?? BROKER_NAME,
      clientDisk: new MemoryFileSystem(),
    });
  } catch (error) {
    await namesrv.close();
    throw error;
  }
}

const BROKER_NAME = 'broker-a';
/** What is done every so often need not be done thousands of times while hours pass at once. */
const FIRINGS_MAX = 200;

function virtualTime(activity: () => number): VirtualTime {
  const startMs = realClock.nowMs();
  return new VirtualTime(realScheduler, { startMs, firingsMax: FIRINGS_MAX, activity });
}

/** While hours pass in a moment, nobody may be dropped for having been silent. */
const PATIENT = {
  idleMs: Number.POSITIVE_INFINITY,
  frameDeadlineMs: Number.POSITIVE_INFINITY,
  outputStallMs: Number.POSITIVE_INFINITY,
};

interface BrokerDeps {
  readonly namesrvAddress: string;
  readonly directory: string | null;
  readonly time: VirtualTime | undefined;
  readonly logger: Logger;
  readonly seed: number;
  readonly faults: Faults;
}

function brokerOptions(options: StartSkylarkOptions, deps: BrokerDeps): BrokerOptions {
  const { namesrvAddress, directory, time, logger, seed, faults } = deps;
  const clock: Clock = time ?? realClock;
  const scheduler: Scheduler = time ?? realScheduler;
  const patience = time === undefined ? {} : { channelExpiredTimeout: FOREVER };
  return {
    clock,
    scheduler,
    prng: createPrng(seed),
    intercept: faults.intercept,
    logger,
    fileSystem: directory === null ? new MemoryFileSystem(() => clock.nowMs()) : realFileSystem,
    directory: directory ?? '/skylark',
    host: HOST,
    port: options.brokerPort ?? 0,
    brokerName: options.brokerName ?? BROKER_NAME,
    namesrvAddresses: [namesrvAddress],
    flush: options.flush ?? 'sync',
    propertyCrc: true,
    processId: directory === null ? 0 : process.pid,
    settings: { ...patience, ...options.settings },
    ...(time === undefined ? {} : { limits: PATIENT }),
  };
}

const FOREVER: number = Number.MAX_SAFE_INTEGER;

/** Null: in memory. */
function directoryOf({ directory, inMemory }: StartSkylarkOptions): string | null {
  if (directory === undefined) {
    if (inMemory !== false) return null;
    throw new MqError(MqErrorCode.InvalidArgument, 'inMemory: false needs a directory');
  }
  if (!inMemory) return resolve(directory);
  const message = 'inMemory keeps nothing in a directory: give one of the two';
  throw new MqError(MqErrorCode.InvalidArgument, message);
}

/** The name server's: its brokers are in this process and never fall silent to it. */
function frozenClock(nowMs: number): Clock {
  return { nowMs: () => nowMs, monotonicMs: () => 0 };
}
