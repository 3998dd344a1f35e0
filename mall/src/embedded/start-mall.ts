/**
 * The mall in one process: the platform, unless an address of one is given, and any of the
 * services beside it. They talk to each other over HTTP and messages all the same.
 */
import { join } from 'node:path';
import type { Logger } from '@skylarkmq/client';
import { type Skylark, type StartSkylarkOptions, startSkylark } from '@skylarkmq/testing';
import { SERVICES } from '../services.ts';
import { messageOf } from '../shared/api-error.ts';
import { type Clock, realClock } from '../shared/clock.ts';
import type { DatabaseLocation } from '../shared/database/location.ts';
import { PgliteEngine } from '../shared/database/pglite-engine.ts';
import { Faults } from '../shared/faults.ts';
import { type FollowDeps, followSwitches } from '../shared/follow-switches.ts';
import { createTopics } from '../shared/messaging/topics.ts';
import {
  type CreateService,
  SERVICE_NAMES,
  type Secrets,
  type Service,
  type ServiceDeps,
  type ServiceName,
} from '../shared/service.ts';
import { DEFAULT_SETTINGS, type Settings } from '../shared/settings.ts';

export interface MallOptions {
  /** Of a platform that runs elsewhere. Default: one is started here. */
  readonly namesrv?: string;
  /** For the platform that is started here. */
  readonly platform?: StartSkylarkOptions;
  /** Default: one embedded database in memory for all: quick, for tests. */
  readonly database?: DatabaseLocation;
  /** Which services run here. Default: all. */
  readonly services?: readonly ServiceName[];
  /** Services of one's own, in place of those of the same name. */
  readonly replace?: Partial<Record<ServiceName, CreateService>>;
  /** Where services are that do not run here. */
  readonly urls?: Partial<Record<ServiceName, string>>;
  /** Default: any free ones. */
  readonly ports?: Partial<Record<ServiceName, number>>;
  readonly host?: string;
  readonly secrets?: Secrets;
  readonly settings?: Partial<Settings>;
  readonly faults?: Faults;
  readonly clock?: Clock;
  readonly logger: Logger;
}

/** A mall that runs. */
export interface Mall extends AsyncDisposable {
  readonly deps: ServiceDeps;
  readonly services: readonly Service[];
  /** Undefined when it runs elsewhere. */
  readonly platform: Skylark | undefined;
  /** Resolves when every service takes part in the messaging. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** Made anew when the database's version changes. */
export const DATABASE_TEMPLATE = join(
  import.meta.dirname,
  '../../../node_modules/.cache/mall-pglite-0.4.6.tar',
);
const TOPICS_RETRY_MS = 1_000;
/** For processes of one machine that are not told another. */
const SECRETS: Secrets = { internal: 'mall-internal', provider: 'mall-provider' };

/** Resolves when all services answer HTTP; what was started is stopped when something fails. */
export async function startMall(options: MallOptions): Promise<Mall> {
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const platform =
      options.namesrv === undefined ? await startSkylark(options.platform) : undefined;
    if (platform !== undefined) closers.push(() => platform.close());
    const database = options.database ?? (await openSharedEngine(closers));
    const stop = new AbortController();
    const namesrv = options.namesrv ?? platform?.namesrvAddress ?? '';
    const found = { namesrv, database, stopping: stop.signal, platform };
    const deps = depsOf(options, found);
    const services = await startServices(options, deps, closers);
    // Beside the control room its switches are the process's own: to ask for them over HTTP would
    // bring an old answer back over a new setting.
    const isLeading = services.some(({ name }) => name === 'control');
    const isFollowing = options.urls?.control !== undefined && !isLeading;
    if (isFollowing) closers.push(followSwitches({ ...deps, ...controlOf(deps) }));
    closers.push(async () => stop.abort());
    const ready = async (): Promise<void> => {
      await Promise.all(services.map((service) => service.ready()));
    };
    return { deps, services, platform, ready, stop: closeAll, [Symbol.asyncDispose]: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function openSharedEngine(closers: (() => Promise<void>)[]): Promise<DatabaseLocation> {
  const engine = await PgliteEngine.open({ template: DATABASE_TEMPLATE });
  closers.push(() => engine.close());
  return { kind: 'engine', engine };
}

interface Found {
  readonly namesrv: string;
  readonly database: DatabaseLocation;
  readonly stopping: AbortSignal;
  readonly platform: Skylark | undefined;
}

/** How services of this process follow the control room of another. */
function controlOf({
  secrets,
  urls,
}: ServiceDeps): Pick<FollowDeps, 'controlUrl' | 'internalSecret'> {
  return { controlUrl: () => urls.control, internalSecret: secrets.internal };
}

function depsOf(options: MallOptions, found: Found): ServiceDeps {
  const { database, namesrv, platform, stopping } = found;
  const { logger, clock = realClock } = options;
  return {
    ...{ namesrv, database, clock, logger },
    topicsReady: makeTopics({ namesrv, clock, logger }, stopping),
    databaseTemplate: DATABASE_TEMPLATE,
    urls: { ...noUrls(), ...options.urls },
    host: options.host ?? '127.0.0.1',
    port: 0,
    secrets: options.secrets ?? SECRETS,
    faults: options.faults ?? new Faults(),
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    ...(platform === undefined
      ? {}
      : { restartBroker: (kill: boolean) => platform.restart({ kill }) }),
  };
}

function noUrls(): Record<ServiceName, string> {
  return {
    order: '',
    inventory: '',
    coupon: '',
    user: '',
    payment: '',
    catalogue: '',
    shipping: '',
    push: '',
    provider: '',
    control: '',
    edge: '',
  };
}

async function makeTopics(
  { namesrv, clock, logger }: Pick<ServiceDeps, 'namesrv' | 'clock' | 'logger'>,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      await createTopics(namesrv);
      return;
    } catch (error) {
      const reason = messageOf(error);
      logger.warn({ namesrv, error: reason }, 'The broker cannot be reached, trying again');
      await clock.sleep(TOPICS_RETRY_MS, stopping);
    }
  }
}

async function startServices(
  options: MallOptions,
  deps: ServiceDeps,
  closers: (() => Promise<void>)[],
): Promise<Service[]> {
  const { ports = {}, replace = {} } = options;
  const table = { ...SERVICES, ...replace };
  const started: Service[] = [];
  // The edge is last: whoever reaches it finds the others.
  for (const name of SERVICE_NAMES) {
    const create = table[name];
    if (create === undefined || options.services?.includes(name) === false) continue;
    const service = await create({ ...deps, urls: deps.urls, port: ports[name] ?? 0 });
    closers.push(() => service.stop());
    started.push(service);
  }
  return started;
}
