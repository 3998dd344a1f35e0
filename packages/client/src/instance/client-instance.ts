/**
 * What the producers and consumers of one process share: the connections, the routes, the client id
 * and the heartbeats that carry all their groups. It does not know how messages are sent or
 * consumed.
 */
import { type Logger, MqError, MqErrorCode, type Timer } from '@skylarkmq/base';
import { createUniqueIdGenerator, encodeHostParts } from '@skylarkmq/message';
import {
  type ClientTlsOptions,
  type Connection,
  RemotingClient,
  signed,
} from '@skylarkmq/remoting';
import { type Command, type Outgoing, RequestCode, Serialization } from '@skylarkmq/wire';
import { getTopicRoute } from '../api/get-topic-route.ts';
import { sendHeartbeat } from '../api/heartbeat.ts';
import { unregisterClient } from '../api/unregister-client.ts';
import type { ConsumerMember } from '../consumer/consumer-member.ts';
import type { ClientTls, ResolvedClientOptions } from '../options/client-options.ts';
import { WaitingRequests } from '../request/waiting-requests.ts';
import { RouteTable } from '../route/route-table.ts';
import type { TopicRoute } from '../route/topic-route.ts';
import type { TransactionChecks } from '../transaction/transaction-checks.ts';
import { decodeQuestion } from '../transaction/transaction-question.ts';
import { NameServerList } from './name-server-list.ts';
import { withNamespaceFields, withoutNamespace } from './namespace.ts';
import type { Requester, RequestOptions } from './requester.ts';
import { answerServerRequest } from './server-requests.ts';

/** Pause before a broker that was lost is told again who we are, milliseconds. */
const REANNOUNCE_MS = 1_000;

/** See the head of this file. */
export class ClientInstance implements Requester {
  readonly clientId: string;
  readonly options: ResolvedClientOptions;
  readonly routes: RouteTable;
  /** Makes message ids. */
  readonly nextMessageId: () => string;
  /** The requests of this client that wait for replies. */
  readonly requests: WaitingRequests = new WaitingRequests();
  /** Who answers for the transactions of a producer group. */
  readonly transactionChecks: Map<string, TransactionChecks> = new Map();
  readonly #logger: Logger;
  readonly #remoting: RemotingClient;
  readonly #nameServers: NameServerList;
  readonly #producers = new Set<string>();
  readonly #consumers = new Map<string, ConsumerMember>();
  /** Broker addresses that know the groups as they are now. */
  readonly #announced = new Set<string>();
  /** Why brokers do not let the groups in, by address. */
  readonly #refusals = new Map<string, MqError>();
  #timers: Timer[] = [];
  #announcement: Timer | undefined;
  #heartbeat: Promise<void> | undefined;
  #nextHeartbeat: Promise<void> | undefined;
  #closed = false;

  constructor(options: ResolvedClientOptions, clientIp: string, clientId: string) {
    const { clock, credentials, logger, prng, scheduler } = options;
    this.options = options;
    this.clientId = clientId;
    this.#logger = logger;
    this.nextMessageId = createUniqueIdGenerator({
      clock,
      ip: addressBytes(clientIp),
      processId: process.pid,
      hash: prng.below(0x7fff_ffff),
    });
    this.#remoting = new RemotingClient({
      clock,
      scheduler,
      logger,
      connectTimeoutMs: options.connectTimeoutMs,
      serialization: options.serialization === 'binary' ? Serialization.Binary : Serialization.Json,
      ...(options.tls === undefined ? {} : { tls: tlsOptions(options.tls) }),
      onRequest: (command, connection) => this.#serve(command, connection),
      ...(credentials === undefined && options.namespaceV2 === undefined
        ? {}
        : { beforeRequest: (outgoing: Outgoing) => finished(outgoing, options) }),
    });
    this.#remoting.onDisconnect((address) => {
      this.#announced.delete(address);
      this.#announceSoon();
    });
    this.#nameServers = new NameServerList(
      options.nameServers,
      (address, outgoing, how) => this.#remoting.invoke(address, outgoing, how),
      options.requestTimeoutMs,
      prng,
    );
    this.routes = new RouteTable({
      clock,
      logger,
      query: (topic) => getTopicRoute(this, topic),
      changed: (route) => this.#routeChanged(route),
    });
  }

  /** Starts the periodic work; doing it twice has no effect. */
  start(): void {
    if (this.#timers.length > 0) return;
    const { heartbeatMs, routeRefreshMs, scheduler } = this.options;
    this.#timers = [
      scheduler.every(heartbeatMs, () => void this.heartbeat()),
      scheduler.every(routeRefreshMs, () => void this.#refreshRoutes()),
    ];
  }

  /** Ends the periodic work and closes all connections. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#announcement?.cancel();
    await this.#remoting.close();
  }

  /** Makes a request at an address and waits for its answer, whatever its code. */
  request(address: string, outgoing: Outgoing, options: RequestOptions = {}): Promise<Command> {
    const { signal, timeoutMs = this.options.requestTimeoutMs } = options;
    const how = signal === undefined ? { timeoutMs } : { timeoutMs, signal };
    return this.#remoting.invoke(address, outgoing, how);
  }

  /** Makes a request that is not answered; resolves when it is handed to the connection. */
  oneway(address: string, outgoing: Outgoing): Promise<void> {
    return this.#remoting.invokeOneway(address, outgoing);
  }

  /** Makes a request at a name server. */
  askNameServer(outgoing: Outgoing): Promise<Command> {
    return this.#nameServers.request(outgoing);
  }

  /** Makes a request at every name server, for changes that each must know. */
  async askAllNameServers(outgoing: Outgoing): Promise<readonly Command[]> {
    const { addresses } = this.#nameServers;
    return Promise.all(addresses.map((address) => this.request(address, outgoing)));
  }

  /** The address of a broker's master, looked up for a topic if it is not known. */
  async masterOf(brokerName: string, topic: string): Promise<string> {
    let address = this.routes.addressOf(brokerName);
    if (address === undefined) {
      await this.routes.lookUp(topic);
      address = this.routes.addressOf(brokerName);
    }
    if (address !== undefined) return address;
    const message = `No address is known for the master of broker ${brokerName}`;
    throw new MqError(MqErrorCode.Connect, message, { retryable: true });
  }

  /** The address to read from: the master, else a replica. */
  async readableOf(brokerName: string, topic: string): Promise<string> {
    const address = this.routes.addressOf(brokerName, undefined, true);
    return address ?? this.masterOf(brokerName, topic);
  }

  hasProducer(group: string): boolean {
    return this.#producers.has(group);
  }

  hasConsumer(group: string): boolean {
    return this.#consumers.has(group);
  }

  addProducer(group: string): void {
    this.#producers.add(group);
    this.#announced.clear();
  }

  addConsumer(member: ConsumerMember): void {
    this.#consumers.set(member.group, member);
    this.#announced.clear();
  }

  async removeProducer(group: string): Promise<void> {
    this.#producers.delete(group);
    await this.#unregister({ producerGroup: group });
  }

  async removeConsumer(group: string): Promise<void> {
    this.#consumers.delete(group);
    await this.#unregister({ consumerGroup: group });
  }

  async #serve(command: Command, connection: Connection): Promise<Outgoing | null> {
    const answer =
      command.code === RequestCode.CheckTransactionState
        ? this.#askTransaction(command, connection)
        : await answerServerRequest(command, this.#consumers, this.requests, this.options);
    // What gets no answer is over all the same: else the connection would stop reading some day.
    if (answer === null) connection.finish(command);
    return answer;
  }

  /** A broker asks how a transaction ended. It does not wait for an answer to this. */
  #askTransaction(command: Command, connection: Connection): null {
    const { namespace, codecs } = this.options;
    try {
      const topicOf = (topic: string): string => withoutNamespace(namespace, topic);
      const question = decodeQuestion(command, connection.remoteAddress, topicOf, codecs);
      const checks = this.transactionChecks.get(question.group);
      const { messageId } = question.message;
      if (checks !== undefined) checks.ask(question);
      else
        this.#logger.warn({ messageId, group: question.group }, 'No producer knows transactions');
    } catch (thrown) {
      const error = MqError.from(thrown);
      this.#logger.warn({ error }, 'The question about a transaction cannot be read');
    }
    return null;
  }

  /** Announces all groups to all known brokers; errors are logged. */
  heartbeat(): Promise<void> {
    if (this.#heartbeat === undefined) {
      this.#heartbeat = this.#sendHeartbeats().finally(() => {
        this.#heartbeat = undefined;
      });
      return this.#heartbeat;
    }
    // What is under way may have been written before the caller's change.
    this.#nextHeartbeat ??= this.#heartbeat.then(() => {
      this.#nextHeartbeat = undefined;
      return this.heartbeat();
    });
    return this.#nextHeartbeat;
  }

  /**
   * Announces a group. Throws `PERMISSION` when no broker lets it in: it would get nothing, and its
   * application would never learn why.
   */
  async join(): Promise<void> {
    await this.heartbeat();
    const refusals = [...this.#heartbeatAddresses()].map((one) => this.#refusals.get(one));
    const [refusal] = refusals;
    if (refusal !== undefined && refusals.every((one) => one !== undefined)) throw refusal;
  }

  /** Sends a heartbeat if a known broker does not know the groups as they are now. */
  async announce(): Promise<void> {
    for (const address of this.#heartbeatAddresses()) {
      if (!this.#announced.has(address)) return this.heartbeat();
    }
  }

  /** Sends a heartbeat to a broker that does not know the groups as they are now. */
  async announceTo(address: string): Promise<void> {
    if (!this.#announced.has(address)) await this.#sendHeartbeat(address);
  }

  async #sendHeartbeats(): Promise<void> {
    if (this.#closed || (this.#producers.size === 0 && this.#consumers.size === 0)) return;
    const addresses = [...this.#heartbeatAddresses()];
    await Promise.all(addresses.map((address) => this.#sendHeartbeat(address)));
  }

  async #sendHeartbeat(address: string): Promise<void> {
    try {
      const members = [...this.#consumers.values()];
      await sendHeartbeat(this, address, [...this.#producers], members);
      await Promise.all(members.map((member) => member.announced?.(address)));
      this.#announced.add(address);
      this.#refusals.delete(address);
    } catch (thrown) {
      const error = MqError.from(thrown);
      this.#announced.delete(address);
      if (error.code === MqErrorCode.Permission) this.#refusals.set(address, error);
      else this.#refusals.delete(address);
      if (this.#closed) return;
      this.#announceSoon();
      this.#logger.warn({ error, address }, 'Heartbeat failed');
    }
  }

  /** A broker forgets consumers with their connection, and gives strangers nothing. */
  #announceSoon(): void {
    if (this.#closed || this.#consumers.size === 0 || this.#announcement !== undefined) return;
    this.#announcement = this.options.scheduler.after(REANNOUNCE_MS, () => {
      this.#announcement = undefined;
      void this.announce();
    });
  }

  /** Masters always, replicas only for consumers. */
  // RocketMQ: MQClientInstance#sendHeartbeatToAllBroker
  #heartbeatAddresses(): ReadonlySet<string> {
    return this.routes.addresses(this.#consumers.size === 0);
  }

  #routeChanged(route: TopicRoute): void {
    for (const member of this.#consumers.values()) member.routeChanged(route);
  }

  async #refreshRoutes(): Promise<void> {
    const topics = [...this.#consumers.values()].flatMap((member) =>
      member.subscriptions().map((subscription) => subscription.topic),
    );
    await this.routes.refresh([...this.routes.topics(), ...topics]);
    await this.announce();
  }

  async #unregister(groups: { producerGroup?: string; consumerGroup?: string }): Promise<void> {
    const addresses = [...this.routes.addresses(false)];
    await Promise.all(
      addresses.map(async (address) => {
        try {
          await unregisterClient(this, address, groups);
        } catch (thrown) {
          // The broker finds out by itself when the connection closes.
          this.#logger.info({ error: MqError.from(thrown), address }, 'Unregistration failed');
        }
      }),
    );
  }
}

/** A request with what this client adds to all of its requests; the signature comes last. */
function finished(outgoing: Outgoing, options: ResolvedClientOptions): Outgoing {
  const { credentials, namespaceV2 } = options;
  const named = namespaceV2 === undefined ? outgoing : withNamespaceFields(outgoing, namespaceV2);
  return credentials === undefined ? named : signed(named, credentials);
}

function tlsOptions({ ca, cert, key, verifyServer }: ClientTls): ClientTlsOptions {
  return {
    verify: verifyServer ?? true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { credentials: { cert, key } }),
  };
}

function addressBytes(ip: string): Buffer {
  const host = encodeHostParts(ip, 0);
  return host.subarray(0, host.length - 4);
}
