/** Starts one broker of the all-in-one server in this thread. Its plan can cross threads. */
import {
  type Logger,
  MemoryFileSystem,
  realClock,
  realFileSystem,
  realPrng,
  realScheduler,
} from '@skylarkmq/base';
import { Broker } from '@skylarkmq/broker';
import type { ServerTlsOptions } from '@skylarkmq/remoting';
import type { FlushMode, RecoveryReport } from '@skylarkmq/store';
import type { Access } from './access.ts';

/** Which broker to start: plain data. */
export interface BrokerPlan {
  readonly brokerName: string;
  /** Absolute; null keeps everything in memory. */
  readonly directory: string | null;
  readonly host: string;
  /** 0 chooses a free pair of ports. */
  readonly port: number;
  readonly advertisedHost: string;
  readonly advertisedIp: string;
  readonly advertiseAuto: boolean;
  readonly namesrvAddress: string;
  /** Whether the name server, which is in this process, takes TLS only. */
  readonly namesrvNeedsTls: boolean;
  /** Who may do what. */
  readonly access: Access;
  readonly adminFromAnywhere: boolean;
  readonly flush: FlushMode;
  readonly pid: number;
}

/** What is true of a broker that runs: plain data. */
export interface BrokerFacts {
  readonly name: string;
  /** As clients are told. */
  readonly address: string;
  readonly port: number;
  readonly fastPort: number;
  readonly recovery: RecoveryReport;
}

export interface RunningBroker {
  readonly facts: BrokerFacts;
  close(): Promise<void>;
}

export interface StartBrokerDeps {
  readonly logger: Logger;
  readonly tls: ServerTlsOptions | undefined;
}

/** Resolves when the broker is registered and serves. */
export async function startBroker(plan: BrokerPlan, deps: StartBrokerDeps): Promise<RunningBroker> {
  const inMemory = plan.directory === null;
  const broker = await Broker.start({
    clock: realClock,
    scheduler: realScheduler,
    prng: realPrng(),
    logger: deps.logger,
    fileSystem: inMemory ? new MemoryFileSystem(realClock.nowMs) : realFileSystem,
    directory: plan.directory ?? '/memory',
    host: plan.host,
    port: plan.port,
    advertisedHost: plan.advertisedHost,
    advertisedIp: plan.advertisedIp,
    advertiseAuto: plan.advertiseAuto,
    brokerName: plan.brokerName,
    namesrvAddresses: [plan.namesrvAddress],
    flush: inMemory ? 'async' : plan.flush,
    propertyCrc: true,
    // Tracing costs nothing until a client does it, and then nobody has to make the topic first.
    settings: { traceTopicEnable: true, adminFromAnywhere: plan.adminFromAnywhere },
    processId: inMemory ? 0 : plan.pid,
    ...plan.access,
    ...(deps.tls === undefined ? {} : { tls: deps.tls }),
    ...(plan.namesrvNeedsTls ? { namesrvTls: { verify: false } } : {}),
  });
  const { address, port, fastPort, recovery } = broker;
  return {
    facts: { name: plan.brokerName, address, port, fastPort, recovery },
    close: () => broker.close(),
  };
}
