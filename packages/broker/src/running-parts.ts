/** Builds a broker's parts in order, starts and stops them. The rules are in the parts. */
import type { OpenAccess } from '@skylarkmq/auth';
import { ConfigFile } from '@skylarkmq/base';
import { encodeHost, parseDelayLevels } from '@skylarkmq/message';
import {
  joinAddress,
  type ListeningPorts,
  RemotingClient,
  type RemotingClientOptions,
  RemotingServer,
  signed,
} from '@skylarkmq/remoting';
import { LIGHT_QUEUES_MAX, LogStore, type StoreOptions } from '@skylarkmq/store';
import { type Command, type Outgoing, ResponseCode } from '@skylarkmq/wire';
import { openBrokerAccess, serveAccess } from './broker-access.ts';
import type { BrokerOptions } from './broker-options.ts';
import { type BrokerTables, closeTables, loadTables } from './broker-tables.ts';
import { effectiveConfig } from './config/effective-config.ts';
import { LiveSettings } from './config/live-settings.ts';
import { DelayService } from './delay/delay-service.ts';
import { filterBitMaps } from './filter/filter-bit-maps.ts';
import type { BrokerIdentity } from './identity.ts';
import { LiteService } from './lite/lite-service.ts';
import { PullHolds } from './long-poll/pull-holds.ts';
import { Registration } from './namesrv-client/registration.ts';
import type { PopService } from './pop/pop-service.ts';
import { makePopParts } from './pop-parts.ts';
import { registerHandlers } from './register-handlers.ts';
import type { BrokerSettings } from './settings.ts';
import { EmptiedParts } from './static-topic/emptied-parts.ts';
import { LogicalOffsets } from './static-topic/logical-offsets.ts';
import { PeerBrokers } from './static-topic/peer-brokers.ts';
import { BrokerStats } from './stats/broker-stats.ts';
import { openTimers } from './timer/open-timers.ts';
import type { TimerService } from './timer/timer-service.ts';
import { TopicCreator } from './topic/topic-creator.ts';
import { HalfChecker } from './transaction/half-checker.ts';
import { Transactions } from './transaction/transactions.ts';

const HOST = '127.0.0.1';
const PORT = 10911;
const DRAIN_MS = 1000;
/** RocketMQ: fileReservedTime. */
const KEPT_HOURS = 72;

/** What runs, in the order in which it was started. */
export interface RunningParts {
  readonly identity: BrokerIdentity;
  readonly ports: ListeningPorts;
  readonly store: LogStore;
  readonly tables: BrokerTables;
  readonly server: RemotingServer;
  readonly client: RemotingClient;
  readonly registration: Registration;
  readonly holds: PullHolds;
  readonly delay: DelayService;
  readonly pop: PopService;
  readonly lite: LiteService;
  readonly emptiedParts: EmptiedParts;
  readonly transactions: Transactions;
  readonly halfChecker: HalfChecker;
  readonly timers: TimerService;
  readonly stats: BrokerStats;
  readonly access: OpenAccess;
}

/** How to take back what is started so far, in order. */
type Undo = (() => unknown)[];

/** What is known when the store is open and the ports are. */
interface Opened {
  readonly options: BrokerOptions;
  readonly live: LiveSettings;
  /** Follows the setting messageDelayLevel. */
  readonly levelsMs: number[];
  readonly identity: BrokerIdentity;
  readonly ports: ListeningPorts;
  readonly store: LogStore;
  readonly tables: BrokerTables;
  readonly timers: TimerService;
  readonly server: RemotingServer;
  readonly access: OpenAccess;
}

/** Resolves when messages can be sent. Fills `undo` on the way, for when something fails. */
export async function startParts(options: BrokerOptions, undo: Undo): Promise<RunningParts> {
  let isReady = false;
  const opened = await open(options, undo, () => isReady);
  const running = connect(opened, undo);
  isReady = true;
  running.stats.start();
  running.holds.start();
  running.delay.start();
  await running.transactions.start();
  running.halfChecker.start();
  await running.pop.start();
  running.lite.start();
  running.emptiedParts.start();
  const { pop, timers } = running;
  timers.passOver((timer, body) => pop.isSettled(timer, body));
  await timers.start();
  await running.registration.start();
  return running;
}

/** Leaves the name servers, answers what waits, makes everything durable, and ends. */
export async function stopParts(running: RunningParts): Promise<void> {
  const { registration, holds, client } = running;
  await registration.unregister();
  registration.stop();
  holds.close();
  await stopWork(running);
  await client.close();
}

/** Ends what works by itself, then the connections, then the store. */
async function stopWork(running: RunningParts): Promise<void> {
  const { store, tables, server, delay, timers, stats, transactions, halfChecker } = running;
  await delay.close();
  await halfChecker.close();
  running.lite.close();
  await running.emptiedParts.close();
  await running.pop.close();
  await timers.close();
  // What waits for the disk is answered before the connections go.
  await store.flush();
  await server.close({ drainMs: DRAIN_MS });
  await transactions.close();
  stats.close();
  running.access.close();
  closeTables(tables);
  await store.close();
}

/** Ends without a word to anybody: connections go first, and nothing is answered any more. */
export async function killParts(running: RunningParts): Promise<void> {
  const { server, client, registration } = running;
  registration.stop();
  const closing = [server.close(), client.close()];
  running.holds.close();
  await Promise.all(closing);
  await stopWork(running);
}

/** The store, the tables and the ports. Requests are answered "busy" until `isReady`. */
async function open(options: BrokerOptions, undo: Undo, isReady: () => boolean): Promise<Opened> {
  const { logger } = options;
  const names = {
    brokerName: options.brokerName ?? 'broker-a',
    brokerClusterName: options.brokerClusterName ?? 'DefaultCluster',
    brokerId: options.brokerId ?? 0,
  };
  let running: { readonly identity: BrokerIdentity; readonly port: number } | undefined;
  const live = liveSettings(options, () =>
    running === undefined ? new Map() : effectiveConfig(options, running),
  );
  const levelsMs = parseDelayLevels(live.get().messageDelayLevel);
  let storeHost: Buffer = Buffer.alloc(0);
  const store = await LogStore.open(storeOptions(options, live, levelsMs, () => storeHost));
  undo.push(() => store.close());
  store.onFailure((reason) => logger.error({ reason }, 'The store failed: nothing is accepted'));
  const tables = loadTables(options, names, () => live.get());
  undo.push(() => closeTables(tables));
  const { enableConsumeQueueExt, enableCalcFilterBitMap } = live.get();
  if (enableConsumeQueueExt) {
    store.extendQueues(filterBitMaps({ ...tables, enableCalcFilterBitMap }));
  }
  tables.offsets.limit((topic, queueId) => store.maxOffset(topic, queueId));
  const access = openBrokerAccess(options, names.brokerClusterName, () => live.get());
  undo.push(() => access.close());
  const timers = await openTimers({ ...options, store, settings: () => live.get() });
  undo.push(() => timers.close());
  const server = makeServer(options);
  server.setGuard(access.control.guard());
  server.setDefault((command) => answerUnknown(command, isReady()));
  const ports = await server.listen();
  undo.push(() => server.close());
  const host = options.advertisedHost ?? options.host ?? HOST;
  const address = joinAddress(host, ports.port);
  storeHost = encodeHost(joinAddress(options.advertisedIp ?? host, ports.port));
  const identity: BrokerIdentity = { ...names, address, storeHost };
  running = { identity, port: ports.port };
  serveAccess(server, access, identity);
  return { options, live, levelsMs, identity, ports, store, tables, timers, server, access };
}

/** Everything that needs to know who this broker is. */
function connect(opened: Opened, undo: Undo): RunningParts {
  const { options, live, levelsMs, identity, store, tables, timers, server } = opened;
  const { clock, scheduler, prng, logger } = options;
  const settings = (): BrokerSettings => live.get();
  const client = new RemotingClient({
    ...{ clock, scheduler, logger },
    ...(options.namesrvTls === undefined ? {} : { tls: options.namesrvTls }),
    ...signing(options),
  });
  undo.push(() => client.close());
  const registration = new Registration({
    ...{ client, identity, scheduler, logger, settings },
    addresses: () => options.namesrvAddresses,
    topics: tables.topics,
    staticTopics: tables.staticTopics,
    advertiseAuto: options.advertiseAuto ?? false,
  });
  const announce = (): Promise<void> => registration.announce();
  const topicCreator = new TopicCreator({ topics: tables.topics, settings, logger, announce });
  const clusterName = identity.brokerClusterName;
  const stats = new BrokerStats({ store, clock, scheduler, clusterName, settings });
  const holds = new PullHolds({ store, scheduler, settings });
  const delay = new DelayService({
    ...{ store, levelsMs, clock, scheduler, logger },
    offsets: tables.delayOffsets,
  });
  live.onChange(({ messageDelayLevel: now }, { messageDelayLevel: before }) => {
    if (now === before) return;
    // The store has the same array: what it takes from now on waits for so long.
    levelsMs.splice(0, levelsMs.length, ...parseDelayLevels(now));
    delay.follow(levelsMs);
  });
  const transactions = new Transactions({
    ...{ store, clock, scheduler, logger, settings },
    offsets: tables.offsets,
    metrics: tables.transactionMetrics,
    storeHost: identity.storeHost,
  });
  const halfChecker = new HalfChecker({
    ...{ transactions, store, topicCreator, identity, clock, scheduler, logger, settings },
    producers: tables.producers,
    keptMs: (options.retention?.hours ?? KEPT_HOURS) * 3_600_000,
  });
  const popParts = makePopParts(options, { ...opened, client, topicCreator, stats });
  const peers = new PeerBrokers({ client, addresses: () => options.namesrvAddresses });
  const lite = new LiteService({
    ...{ store, clock, scheduler, logger, settings, pop: popParts.pop },
    ...tables,
  });
  undo.push(() => lite.close());
  const emptiedParts = makeEmptiedParts(options, opened, peers);
  registerHandlers(server, {
    ...popParts,
    ...{ peers, lite, clock, prng, logger, identity, store, tables, topicCreator },
    ...{ stats, holds, delay, timers, transactions, live, announce },
    isIndexed: options.indexEnabled ?? true,
    startedAtMs: clock.nowMs(),
    volume: () => options.fileSystem.volume(logDirectory(options)),
  });
  server.onConnectionClose((connection) => {
    tables.consumers.connectionClosed(connection);
    lite.subscriptions.connectionClosed(connection);
    tables.producers.connectionClosed(connection);
  });
  const { ports, access } = opened;
  return {
    ...{ identity, ports, store, tables, server, client, registration, holds, delay, stats },
    ...{ access, transactions, halfChecker, timers, lite, emptiedParts, pop: popParts.pop },
  };
}

function makeEmptiedParts(
  { scheduler, logger }: BrokerOptions,
  { tables: { staticTopics, offsets }, store }: Opened,
  peers: PeerBrokers,
): EmptiedParts {
  const logical = new LogicalOffsets({ staticTopics, offsets, peers, store, logger });
  return new EmptiedParts({ ...{ staticTopics, offsets, peers, logical, scheduler, logger } });
}

/** Name servers with access control want to know who registers. */
function signing({ credentials }: BrokerOptions): Pick<RemotingClientOptions, 'beforeRequest'> {
  if (credentials === undefined) return {};
  return { beforeRequest: (request) => signed(request, credentials) };
}

function logDirectory({ directory, commitLogDirectories = [] }: BrokerOptions): string {
  return commitLogDirectories[0] ?? `${directory}/commitlog`;
}

function answerUnknown(command: Command, isReady: boolean): Outgoing {
  if (!isReady) return { code: ResponseCode.SystemBusy, remark: 'The broker is starting' };
  const remark = ` request type ${command.code} not supported`;
  return { code: ResponseCode.RequestCodeNotSupported, remark };
}

function liveSettings(
  options: BrokerOptions,
  fixed: () => ReadonlyMap<string, string>,
): LiveSettings {
  const { settings, configured, clock, logger, configPath, fileSystem } = options;
  const file = configPath === undefined ? undefined : new ConfigFile(fileSystem, configPath);
  return new LiveSettings({ settings, configured, fixed, file, clock, logger });
}

function makeServer(options: BrokerOptions): RemotingServer {
  const { clock, scheduler, logger, host, port, tls, limits, intercept } = options;
  return new RemotingServer({
    ...{ clock, scheduler, logger },
    host: host ?? HOST,
    port: port ?? PORT,
    fastPort: 'auto',
    ...(tls === undefined ? {} : { tls }),
    ...(limits === undefined ? {} : { limits }),
    ...(intercept === undefined ? {} : { intercept }),
  });
}

function storeOptions(
  options: BrokerOptions,
  live: { get(): BrokerSettings },
  delayLevelsMs: readonly number[],
  storeHost: () => Buffer,
): StoreOptions {
  const { clock, scheduler, prng, logger, fileSystem, directory } = options;
  const { commitLogDirectories, commitLogFileBytes, consumeQueueFileBytes } = options;
  const { consumeQueueExtFileBytes } = options;
  const { indexSlots, indexEntries, indexEnabled, flushIntervalMs, flushTimeoutMs, retention } =
    options;
  return {
    ...{ clock, scheduler, prng, logger, fileSystem, directory, storeHost, delayLevelsMs },
    flush: options.flush ?? 'async',
    propertyCrc: options.propertyCrc ?? false,
    multiDispatch: options.multiDispatch ?? true,
    lightQueuesMax: () => lightQueuesMax(live.get()),
    maxMessageBytes: live.get().maxMessageSize,
    processId: options.processId ?? 0,
    ...(commitLogDirectories === undefined ? {} : { commitLogDirectories }),
    ...(commitLogFileBytes === undefined ? {} : { commitLogFileBytes }),
    ...(consumeQueueFileBytes === undefined ? {} : { consumeQueueFileBytes }),
    ...(consumeQueueExtFileBytes === undefined ? {} : { consumeQueueExtFileBytes }),
    ...(indexSlots === undefined ? {} : { indexSlots }),
    ...(indexEntries === undefined ? {} : { indexEntries }),
    ...(indexEnabled === undefined ? {} : { indexEnabled }),
    ...(flushIntervalMs === undefined ? {} : { flushIntervalMs }),
    ...(flushTimeoutMs === undefined ? {} : { flushTimeoutMs }),
    ...(retention === undefined ? {} : { retention }),
  };
}

// RocketMQ: HookUtils#handleLmqQuota
function lightQueuesMax({ enableLmqQuota, maxLmqConsumeQueueNum }: BrokerSettings): number {
  return enableLmqQuota ? maxLmqConsumeQueueNum : LIGHT_QUEUES_MAX;
}
