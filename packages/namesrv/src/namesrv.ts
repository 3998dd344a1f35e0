/** The name server: builds its parts and starts them. The rules are in the parts. */

import { type AccessOptions, type OpenAccess, openAccess } from '@skylarkmq/auth';
import {
  type Clock,
  ConfigFile,
  type FileSystem,
  type Logger,
  MqError,
  type Scheduler,
} from '@skylarkmq/base';
import {
  type Connection,
  type ConnectionLimits,
  RemotingClient,
  RemotingServer,
  type ServerTlsOptions,
} from '@skylarkmq/remoting';
import type { Outgoing } from '@skylarkmq/wire';
import { BrokerLiveness } from './broker-liveness.ts';
import { DEFAULT_SETTINGS, type NamesrvSettings } from './config.ts';
import { KvConfig } from './kv-config.ts';
import { registerBrokerHandlers } from './processors/broker.ts';
import { registerConfigHandlers } from './processors/config.ts';
import type { ProcessorDeps } from './processors/deps.ts';
import { registerRouteHandlers } from './processors/route.ts';
import { RouteTable } from './route-table.ts';

export interface NameServerOptions {
  /** Address to bind; default 127.0.0.1. */
  readonly host?: string;
  /** Default 9876; 0 chooses a free port. */
  readonly port?: number;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly fileSystem: FileSystem;
  /** Where kvConfig.json is; without it the key-value configuration is not kept. */
  readonly kvConfigPath?: string;
  readonly settings?: Partial<NamesrvSettings>;
  /** The configuration file that keeps changes of the settings; by default nothing does. */
  readonly configPath?: string;
  readonly limits?: ConnectionLimits;
  readonly tls?: ServerTlsOptions;
  /** Who may do what. Default: changes come from this machine, or from a user. */
  readonly access?: AccessOptions;
}

const PORT = 9876;
/** Where nobody keeps users: there are none then. */
const USERS_PATH = '/skylark-namesrv/auth.json';

export class NameServer {
  readonly #options: NameServerOptions;
  readonly #server: RemotingServer;
  readonly #client: RemotingClient;
  readonly #table = new RouteTable();
  readonly #liveness: BrokerLiveness;
  #access: OpenAccess | undefined;
  #settings: NamesrvSettings;
  #port = 0;
  #startedMs = 0;

  constructor(options: NameServerOptions) {
    const { clock, scheduler, logger, fileSystem } = options;
    this.#options = options;
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.#server = new RemotingServer({
      host: options.host ?? '127.0.0.1',
      port: options.port ?? PORT,
      clock,
      scheduler,
      logger,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      ...(options.tls === undefined ? {} : { tls: options.tls }),
    });
    this.#client = new RemotingClient({ clock, scheduler, logger });
    const settings = (): NamesrvSettings => this.#settings;
    const connectionOf = (id: number): Connection | undefined => this.#connection(id);
    const table = this.#table;
    this.#liveness = new BrokerLiveness({
      table,
      clock,
      scheduler,
      logger,
      settings,
      connectionOf,
      tell: (address, request) => this.#tell(address, request),
    });
    const deps: ProcessorDeps = {
      table,
      liveness: this.#liveness,
      kvConfig: new KvConfig(fileSystem, options.kvConfigPath, logger),
      clock,
      logger,
      settings,
      upMs: () => clock.monotonicMs() - this.#startedMs,
      changeSettings: (changed) => this.#change(changed),
      fixedConfig: () => this.#fixedConfig(),
    };
    registerBrokerHandlers(this.#server, deps);
    registerRouteHandlers(this.#server, deps);
    registerConfigHandlers(this.#server, deps);
    this.#server.onConnectionClose((connection) => {
      this.#liveness.connectionClosed(connection);
    });
  }

  /** Listens; resolves with the real port. */
  async start(): Promise<{ port: number }> {
    this.#access = this.#openAccess();
    this.#server.setGuard(this.#access.control.guard());
    const { port } = await this.#server.listen();
    this.#port = port;
    this.#startedMs = this.#options.clock.monotonicMs();
    this.#liveness.start();
    return { port };
  }

  async close(): Promise<void> {
    this.#liveness.stop();
    this.#access?.close();
    await this.#client.close();
    await this.#server.close();
  }

  /** Whether a broker of this name is registered. */
  knowsBroker(brokerName: string): boolean {
    return this.#table.groups.has(brokerName);
  }

  /** Open connections. */
  get connectionCount(): number {
    return this.#server.connectionCount;
  }

  /** First into the file: what cannot be kept is not changed either. */
  #change(changed: NamesrvSettings): void {
    const { configPath, fileSystem } = this.#options;
    const before = new Map(Object.entries(this.#settings));
    const pairs = Object.entries(changed).filter(([key, value]) => before.get(key) !== value);
    if (pairs.length === 0) return;
    if (configPath !== undefined) {
      const file = new ConfigFile(fileSystem, configPath);
      file.update(new Map(pairs.map(([key, value]) => [key, String(value)])));
    }
    this.#settings = changed;
  }

  #openAccess(): OpenAccess {
    const { clock, scheduler, logger, fileSystem, access = {} } = this.#options;
    return openAccess(access, {
      ...{ clock, scheduler, logger, fileSystem },
      path: USERS_PATH,
      clusterName: '',
      adminFromAnywhere: () => this.#settings.adminFromAnywhere,
    });
  }

  #tell(address: string, request: Outgoing): void {
    this.#client.invokeOneway(address, request).catch((error) => {
      const fields = { address, code: request.code, error: MqError.from(error) };
      this.#options.logger.warn(fields, 'A broker could not be told');
    });
  }

  #connection(id: number): Connection | undefined {
    for (const connection of this.#server.connections()) {
      if (connection.id === id) return connection;
    }
    return undefined;
  }

  #fixedConfig(): Map<string, string> {
    return new Map([
      ['listenPort', String(this.#port)],
      ['bindAddress', this.#options.host ?? '127.0.0.1'],
      ['kvConfigPath', this.#options.kvConfigPath ?? ''],
      ['configStorePath', this.#options.configPath ?? ''],
    ]);
  }
}
