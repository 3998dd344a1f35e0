/**
 * Keeps this broker registered at every name server: at start, every 30 s, and whenever topics
 * change. A name server that is down costs nobody else anything and gets everything when it is
 * back.
 */
import type { Logger, Scheduler, Timer } from '@skylarkmq/base';
import type { RemotingClient } from '@skylarkmq/remoting';
import { decodeTextTable, type TopicConfig, UnregisterBroker } from '@skylarkmq/wire';
import type { BrokerIdentity } from '../identity.ts';
import type { BrokerSettings } from '../settings.ts';
import type { StaticTopics } from '../static-topic/static-topics.ts';
import type { TopicTable } from '../topic/topic-table.ts';
import { NameServerLink } from './name-server-link.ts';

const PERIOD_MS_MIN = 10_000;
const PERIOD_MS_MAX = 60_000;
/** Whoever waits for a topic to be known waits so long for name servers that do not answer. */
const ANNOUNCE_WAIT_MS = 3000;
const UNREGISTER_TIMEOUT_MS = 3000;
/** A name server drops a broker whose connection breaks: it is told again after this. */
const AFTER_LOSS_MS = 1000;

export interface RegistrationDeps {
  readonly client: Pick<RemotingClient, 'invoke' | 'onDisconnect'>;
  /** "host:port" of the name servers; may change. */
  addresses(): readonly string[];
  readonly identity: BrokerIdentity;
  readonly topics: TopicTable;
  readonly staticTopics: Pick<StaticTopics, 'get'>;
  settings(): BrokerSettings;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Whether our own name server tells clients the host by which they reached it. */
  readonly advertiseAuto: boolean;
}

export class Registration {
  readonly #deps: RegistrationDeps;
  readonly #links = new Map<string, NameServerLink>();
  #removeListeners: (() => void)[] = [];
  #timer: Timer | undefined;
  #isStopped = true;
  /** What the name servers were told last. */
  #brokerPermission: number | undefined;

  constructor(deps: RegistrationDeps) {
    this.#deps = deps;
  }

  /** Registers everywhere; resolves when every name server answered or failed (logged). */
  async start(): Promise<void> {
    this.#isStopped = false;
    this.#removeListeners = [
      this.#deps.topics.onChange((topic) => {
        for (const link of this.#links.values()) link.changed(topic);
      }),
      this.#deps.client.onDisconnect((address) => this.#lost(address)),
    ];
    await this.#registerAll(true);
    this.#schedule(this.#periodMs());
  }

  /**
   * Tells the name servers of changed topics, or of a changed permission of the broker, now.
   * Resolves when each has answered or failed, at the latest after 3 s.
   */
  async announce(): Promise<void> {
    if (this.#isStopped) return;
    let timer: Timer | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = this.#deps.scheduler.after(ANNOUNCE_WAIT_MS, resolve);
    });
    await Promise.race([this.#registerAll(false), enough]);
    timer?.cancel();
  }

  /** Tells all name servers that this broker goes. */
  async unregister(): Promise<void> {
    const { client, identity, logger } = this.#deps;
    const ext = UnregisterBroker.request.encode({
      brokerName: identity.brokerName,
      brokerAddr: identity.address,
      clusterName: identity.brokerClusterName,
      brokerId: identity.brokerId,
    });
    const request = { code: UnregisterBroker.code, ext };
    const one = async (address: string): Promise<void> => {
      try {
        await client.invoke(address, request, { timeoutMs: UNREGISTER_TIMEOUT_MS });
      } catch (error) {
        logger.warn({ address, error }, 'A name server was not told that this broker stops');
      }
    };
    await Promise.all(this.#deps.addresses().map(one));
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    for (const remove of this.#removeListeners) remove();
    this.#removeListeners = [];
  }

  #periodMs(): number {
    const wanted = this.#deps.settings().registerNameServerPeriod;
    return Math.max(PERIOD_MS_MIN, Math.min(PERIOD_MS_MAX, wanted));
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer?.cancel();
    this.#timer = this.#deps.scheduler.pace(delayMs, () => {
      const again = (): void => this.#schedule(this.#periodMs());
      this.#registerAll(true).then(again, (error) => {
        this.#deps.logger.error({ error }, 'Registering at the name servers failed');
        again();
      });
    });
  }

  #lost(address: string): void {
    const link = this.#links.get(address);
    if (link === undefined) return;
    link.lost();
    this.#schedule(AFTER_LOSS_MS);
  }

  async #registerAll(wantsEverything: boolean): Promise<void> {
    const everything = this.#isPermissionChanged() || wantsEverything;
    const bodies = await Promise.all(this.#currentLinks().map((link) => link.register(everything)));
    const body = bodies.find((one) => one !== null);
    if (body !== undefined && body !== null) this.#takeOrderTopics(decodeTextTable(body));
  }

  /** All topics are others then, and name servers look at them only under a new version. */
  #isPermissionChanged(): boolean {
    const { brokerPermission } = this.#deps.settings();
    const before = this.#brokerPermission;
    this.#brokerPermission = brokerPermission;
    if (before === undefined || before === brokerPermission) return false;
    this.#deps.topics.renewVersion();
    return true;
  }

  /** The links of the addresses of now, made when new and forgotten when gone. */
  #currentLinks(): NameServerLink[] {
    const addresses = this.#deps.addresses();
    for (const address of this.#links.keys()) {
      if (!addresses.includes(address)) this.#links.delete(address);
    }
    return addresses.map((address) => {
      const link = this.#links.get(address) ?? new NameServerLink(address, this.#deps);
      this.#links.set(address, link);
      return link;
    });
  }

  /** Topics that a name server lists as ordered are, all others are not. */
  // RocketMQ: TopicConfigManager#updateOrderTopicConfig
  #takeOrderTopics(table: ReadonlyMap<string, string>): void {
    const { topics } = this.#deps;
    const changed: TopicConfig[] = [];
    for (const config of topics.all().values()) {
      const order = table.has(config.topicName);
      if (config.order !== order) changed.push({ ...config, order });
    }
    for (const config of changed) topics.put(config);
  }
}
