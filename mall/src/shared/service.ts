/** What all services have in common: what they are given, what they are made of, how they end. */
import { type Logger, MqError, Producer } from '@skylarkmq/client';
import { ApiError, messageOf } from './api-error.ts';
import type { Clock } from './clock.ts';
import { type Database, openDatabase } from './database/database.ts';
import type { DatabaseLocation } from './database/location.ts';
import type { Faults } from './faults.ts';
import { HttpClient } from './http/http-client.ts';
import { HttpServer } from './http/http-server.ts';
import { type ConsumeOptions, type RunningConsumer, startConsumer } from './messaging/consumer.ts';
import { Outbox } from './messaging/outbox.ts';
import { Timeline } from './messaging/timeline.ts';
import type { Settings } from './settings.ts';

export const SERVICE_NAMES = [
  'order',
  'inventory',
  'coupon',
  'user',
  'payment',
  'catalogue',
  'shipping',
  'push',
  'provider',
  'control',
  'edge',
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export interface Secrets {
  /** Shared by the services: whoever knows it is one of them. */
  readonly internal: string;
  /** Shared with the payment provider: signs its callbacks. */
  readonly provider: string;
}

export interface ServiceDeps {
  readonly namesrv: string;
  /** Rejects never; resolves when all topics exist. */
  readonly topicsReady: Promise<void>;
  readonly database: DatabaseLocation;
  /** A file for the embedded database: see `PgliteEngine`. */
  readonly databaseTemplate?: string;
  /** Filled in as services start: look up when calling, not before. */
  readonly urls: Record<ServiceName, string>;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly secrets: Secrets;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Settings;
  /** Ends the broker and starts it again; undefined when it is not of this process. */
  readonly restartBroker?: (kill: boolean) => Promise<void>;
}

export interface Service {
  readonly name: ServiceName;
  readonly url: string;
  /** Resolves when it takes part in the messaging; it answers HTTP before. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes a service; all have this form. */
export type CreateService = (deps: ServiceDeps) => Promise<Service>;

export interface ServiceOptions {
  readonly name: ServiceName;
  readonly migrations: readonly string[];
}

const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 5_000;

/** Opens the database, and makes the service around it. */
export async function openService<Tables>(
  deps: ServiceDeps,
  options: ServiceOptions,
): Promise<ServiceContext<Tables>> {
  return new ServiceContext(options.name, deps, await openDatabaseOf<Tables>(deps, options));
}

/** Opens a service's database, waiting for its server as long as it takes. */
export async function openDatabaseOf<Tables>(
  deps: ServiceDeps,
  { name, migrations }: ServiceOptions,
): Promise<Database<Tables>> {
  const { clock, logger, database: location, databaseTemplate: template } = deps;
  let pauseMs = RETRY_FIRST_MS;
  for (;;) {
    try {
      return await openDatabase<Tables>({
        ...{ name, location, migrations, logger },
        ...(template === undefined ? {} : { template }),
      });
    } catch (error) {
      // An embedded database that cannot be opened will not heal.
      if (location.kind !== 'postgres' || !isConnectionError(error)) throw error;
      logger.warn({ name, error: messageOf(error) }, 'PostgreSQL cannot be reached, trying again');
      await clock.sleep(pauseMs);
      pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS);
    }
  }
}

/** Not: a wrong password, a wrong name, a wrong script. */
function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /^(ECONN|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|57P0|08|53300)/.test(code) || code === '';
}

/** The parts of one service. Add routes, consumers and jobs, then {@link start}. */
export class ServiceContext<Tables> {
  readonly name: ServiceName;
  readonly deps: ServiceDeps;
  readonly database: Database<Tables>;
  readonly http: HttpServer;
  readonly client: HttpClient;
  readonly producer: Producer;
  readonly outbox: Outbox;
  readonly timeline: Timeline;
  readonly #starters: (() => Promise<RunningConsumer>)[] = [];
  readonly #consumers: RunningConsumer[] = [];
  readonly #closers: (() => Promise<void> | void)[] = [];
  readonly #jobs: Promise<void>[] = [];
  readonly #stop = new AbortController();
  #notReady = 'Not connected to the message broker yet';

  constructor(name: ServiceName, deps: ServiceDeps, database: Database<Tables>) {
    const { namesrv, clock, logger, faults, host, port, secrets, settings } = deps;
    this.name = name;
    this.deps = deps;
    this.database = database;
    this.client = new HttpClient(secrets.internal, settings.callTimeoutMs);
    this.http = new HttpServer({
      ...{ name, host, port, logger },
      internalSecret: name === 'provider' || name === 'edge' ? undefined : secrets.internal,
      ready: () => this.#expectReady(),
    });
    this.producer = new Producer({ namesrv, group: `mall-${name}`, logger });
    const { producer } = this;
    this.outbox = new Outbox({ database: database.kysely, producer, clock, logger, faults });
    this.timeline = new Timeline({ outbox: this.outbox, clock, source: name });
  }

  /** A consumer that runs from {@link start} on. */
  consume<Event extends { readonly eventId: string }>(
    options: ConsumeOptions<Tables, Event>,
  ): void {
    const { namesrv, faults, clock, logger } = this.deps;
    const { database } = this;
    this.own(() => startConsumer({ namesrv, database, faults, clock, logger }, options));
  }

  /** Something else that needs the broker, started when it is there, and closed at the end. */
  own(start: () => Promise<RunningConsumer>): void {
    this.#starters.push(start);
  }

  /** Work to be done every so often, from {@link start} on; a failure is logged and is over. */
  every(intervalMs: number, what: string, work: (signal: AbortSignal) => Promise<void>): void {
    this.#starters.push(async () => {
      this.#jobs.push(this.#repeat(intervalMs, what, work));
      return { group: what, close: async () => {} };
    });
  }

  /** Called at the stop, before the database is closed. */
  onStop(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** Fires when the service stops. */
  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** Commits, and has the outbox sent at once. */
  async transaction<T>(work: Parameters<typeof this.database.transaction<T>>[0]): Promise<T> {
    const result = await this.database.transaction(work);
    this.outbox.flush();
    return result;
  }

  /** Listens, and joins the messaging behind it. */
  async start(): Promise<Service> {
    const { name } = this;
    const url = await this.http.listen();
    this.deps.urls[name] = url;
    const joining = this.#join();
    return { name, url, ready: () => joining, stop: () => this.#close(joining) };
  }

  async #join(): Promise<void> {
    await Promise.race([this.deps.topicsReady, aborted(this.stopping)]);
    for (const start of this.#starters) {
      const consumer = await this.#persistently(start);
      if (consumer === undefined) return;
      this.#consumers.push(consumer);
    }
    this.outbox.start();
    this.#notReady = '';
  }

  async #persistently(start: () => Promise<RunningConsumer>): Promise<RunningConsumer | undefined> {
    const { clock, logger } = this.deps;
    let pauseMs = RETRY_FIRST_MS;
    while (!this.stopping.aborted) {
      try {
        return await start();
      } catch (error) {
        this.#notReady = messageOf(error);
        // Wrong options do not become right.
        if (error instanceof MqError && error.code === 'INVALID_ARGUMENT') throw error;
        logger.warn({ name: this.name, error: messageOf(error) }, 'Cannot join yet, trying again');
        await clock.sleep(pauseMs, this.stopping);
        pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS);
      }
    }
    return undefined;
  }

  async #repeat(
    intervalMs: number,
    what: string,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { clock, logger } = this.deps;
    while (!this.stopping.aborted) {
      await clock.sleep(intervalMs, this.stopping);
      if (this.stopping.aborted) return;
      try {
        await work(this.stopping);
      } catch (error) {
        logger.warn({ name: this.name, what, error: messageOf(error) }, 'A job failed');
      }
    }
  }

  #expectReady(): void {
    if (this.#notReady !== '') throw new ApiError('UNAVAILABLE', this.#notReady);
  }

  async #close(joining: Promise<void>): Promise<void> {
    this.#stop.abort();
    await this.http.close();
    await Promise.allSettled([joining]);
    await Promise.all(this.#consumers.map((consumer) => consumer.close()));
    await Promise.all(this.#jobs);
    for (const close of this.#closers) await close();
    await this.outbox.stop();
    await this.producer.close();
    this.client.close();
    await this.database.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
