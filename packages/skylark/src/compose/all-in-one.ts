/** Name server and brokers in one process: what `skylark start` runs. Composition only. */
import {
  type Logger,
  MemoryFileSystem,
  MqError,
  MqErrorCode,
  realClock,
  realFileSystem,
  realScheduler,
} from '@skylarkmq/base';
import { NameServer } from '@skylarkmq/namesrv';
import { joinAddress, type ServerTlsOptions } from '@skylarkmq/remoting';
import type { FlushMode } from '@skylarkmq/store';
import type { LogLevel } from '../cli/logger.ts';
import type { Access } from './access.ts';
import { type Advertised, reachableAddress } from './advertise.ts';
import { Closers } from './closers.ts';
import { startShard } from './shard.ts';
import { type BrokerFacts, type BrokerPlan, startBroker } from './start-broker.ts';
import { prepareDirectory } from './text-file.ts';

export interface AllInOneOptions {
  /** Absolute; null keeps everything in memory. */
  readonly data: string | null;
  readonly bind: string;
  readonly advertised: Advertised;
  /** 0 chooses a free port; so does 0 for the brokers. */
  readonly namesrvPort: number;
  /** Of the first broker; the others follow, each 10 higher. */
  readonly brokerPort: number;
  readonly flush: FlushMode;
  /** Brokers: the first in this thread, each other one in a thread of its own. */
  readonly shards: number;
  readonly pid: number;
  readonly tls: ServerTlsOptions | undefined;
  readonly access: Access;
  /** Whether changes are taken from other machines unsigned. */
  readonly adminFromAnywhere: boolean;
  readonly logger: Logger;
  readonly logLevel: LogLevel;
  readonly errorIsTerminal: boolean;
  /** Called when a shard ends on its own. */
  readonly died: (error: MqError) => void;
}

export interface AllInOne {
  /** "host:port" as clients are told. */
  readonly namesrv: string;
  readonly brokers: readonly BrokerFacts[];
  close(): Promise<void>;
}

const BROKER_NAME = 'broker-a';
/** Each broker has its port and the one 2 below; Apache keeps the next one for replication. */
const PORT_STEP = 10;
const PORT_MAX = 65_535;

/** Resolves when every broker is registered. What was started is closed when something fails. */
export async function startAllInOne(options: AllInOneOptions): Promise<AllInOne> {
  const { data, bind, advertised, logger, tls } = options;
  checkPorts(options);
  if (data !== null) prepareDirectory(realFileSystem, data);
  const closers = new Closers(logger);
  try {
    const namesrv = new NameServer({
      clock: realClock,
      scheduler: realScheduler,
      logger,
      fileSystem: data === null ? new MemoryFileSystem() : realFileSystem,
      host: bind,
      port: options.namesrvPort,
      settings: { adminFromAnywhere: options.adminFromAnywhere },
      ...(data === null ? {} : { kvConfigPath: `${data}/namesrv/kvConfig.json` }),
      ...(tls === undefined ? {} : { tls }),
      ...(options.access.access === undefined
        ? {}
        : {
            access: {
              ...options.access.access,
              path: `${data ?? '/memory'}/store/config/auth.json`,
            },
          }),
    });
    const { port } = await namesrv.start();
    closers.add(() => namesrv.close());
    const brokers = await startBrokers(options, port, closers);
    const missing = brokers.find(({ name }) => !namesrv.knowsBroker(name));
    if (missing !== undefined) {
      const message = `The broker ${missing.name} could not be registered at the name server`;
      throw new MqError(MqErrorCode.Internal, message);
    }
    const address = joinAddress(advertised.host, port);
    return { namesrv: address, brokers, close: () => closers.close() };
  } catch (error) {
    await closers.abandon();
    throw error;
  }
}

function checkPorts({ brokerPort, shards }: AllInOneOptions): void {
  const last = brokerPort + (shards - 1) * PORT_STEP;
  if (brokerPort === 0 || (brokerPort > 2 && last <= PORT_MAX)) return;
  const message = `${shards} brokers from port ${brokerPort} on need ports up to ${last}`;
  const reason = brokerPort > 2 ? message : 'The broker port must be above 2, or 0 for any';
  throw new MqError(MqErrorCode.InvalidArgument, reason);
}

async function startBrokers(
  options: AllInOneOptions,
  namesrvPort: number,
  closers: Closers,
): Promise<readonly BrokerFacts[]> {
  const { logger, tls, logLevel, errorIsTerminal, died } = options;
  const namesrvAddress = joinAddress(reachableAddress(options.bind), namesrvPort);
  const plans = Array.from({ length: options.shards }, (_, index) =>
    brokerPlan(options, index, namesrvAddress),
  );
  const starting = plans.map(async (plan, index) => {
    const broker =
      index === 0
        ? await startBroker(plan, { logger, tls })
        : await startShard(
            { plan, tlsMode: tls?.mode ?? 'disabled', logLevel, errorIsTerminal },
            { logger, tls, died },
          );
    closers.add(() => broker.close());
    return broker.facts;
  });
  // All of them settle before anything is closed, so that none starts behind our back.
  await Promise.allSettled(starting);
  return Promise.all(starting);
}

function brokerPlan(options: AllInOneOptions, index: number, namesrvAddress: string): BrokerPlan {
  const { data, brokerPort, shards, advertised } = options;
  const folder = index === 0 ? 'store' : `store-${index}`;
  return {
    brokerName: shards === 1 ? BROKER_NAME : `${BROKER_NAME}-${index}`,
    directory: data === null ? null : `${data}/${folder}`,
    host: options.bind,
    port: brokerPort === 0 ? 0 : brokerPort + index * PORT_STEP,
    advertisedHost: advertised.host,
    advertisedIp: advertised.ip,
    advertiseAuto: advertised.auto,
    namesrvAddress,
    namesrvNeedsTls: options.tls?.mode === 'enforcing',
    access: options.access,
    adminFromAnywhere: options.adminFromAnywhere,
    flush: options.flush,
    pid: options.pid,
  };
}
