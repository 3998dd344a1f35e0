/**
 * Remembers the routes of the topics in use and keeps them fresh. One lookup per topic is under way
 * at a time; a lookup that fails leaves the last known route in place.
 */
import { type Clock, type Logger, MqError } from '@skylarkmq/base';
import {
  MASTER_ID,
  type RouteBrokerData,
  type RouteData,
  routeFromTemplate,
  type TopicRoute,
  topicRouteOf,
} from './topic-route.ts';

/** What the table needs. */
export interface RouteTableDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Asks a name server; undefined if it knows no such topic. */
  query(topic: string): Promise<RouteData | undefined>;
  /** A route changed. */
  changed(route: TopicRoute): void;
}

/** The topic whose route stands in for topics that do not exist yet. */
export const TEMPLATE_TOPIC = 'TBW102';
/** Queues wished for a topic that is created at the first send. */
export const TEMPLATE_QUEUE_NUMS = 4;

const TOPICS_MAX = 100_000;
/** How long the template's route stands in before the topic itself is asked for again. */
const ASSUMED_MS = 1_000;

/** See the head of this file. */
export class RouteTable {
  readonly #deps: RouteTableDeps;
  readonly #routes = new Map<string, TopicRoute>();
  readonly #underWay = new Map<string, Promise<TopicRoute | undefined>>();
  /** Routes of topics that do not exist yet, with the monotonic time of their end. */
  readonly #assumed = new Map<string, { readonly route: TopicRoute; readonly untilMs: number }>();
  readonly #brokers = new Map<string, RouteBrokerData>();
  #template: Promise<RouteData | undefined> | undefined;

  constructor(deps: RouteTableDeps) {
    this.#deps = deps;
  }

  /** The route that is known, without asking anybody. */
  known(topic: string): TopicRoute | undefined {
    return this.#routes.get(topic);
  }

  /** The topics with a known route. */
  topics(): readonly string[] {
    return [...this.#routes.keys()];
  }

  /** The known route, or what a name server says; undefined if the topic does not exist. */
  async find(topic: string): Promise<TopicRoute | undefined> {
    return this.#routes.get(topic) ?? this.lookUp(topic);
  }

  /**
   * Like {@link find}, but asks again while no queue can be written, and gives a topic that does
   * not exist the route of the template topic.
   */
  async findToSend(topic: string): Promise<TopicRoute | undefined> {
    const known = this.#routes.get(topic);
    if (known !== undefined && known.writable.length > 0) return known;
    const assumed = this.#assumed.get(topic);
    if (assumed !== undefined && this.#deps.clock.monotonicMs() < assumed.untilMs) {
      return assumed.route;
    }
    const found = (await this.lookUp(topic)) ?? (await this.#assume(topic));
    if (found === undefined) this.#assumed.delete(topic);
    return found;
  }

  /** Asks a name server, even if a route is known. */
  lookUp(topic: string): Promise<TopicRoute | undefined> {
    const underWay = this.#underWay.get(topic);
    if (underWay !== undefined) return underWay;
    const lookup = this.#query(topic).finally(() => this.#underWay.delete(topic));
    this.#underWay.set(topic, lookup);
    return lookup;
  }

  /** Looks topics up for the first time; one that nobody knows is logged, since it may come. */
  async require(topics: readonly string[]): Promise<void> {
    const routes = await Promise.all(topics.map((topic) => this.lookUp(topic)));
    for (const [index, topic] of topics.entries()) {
      if (routes[index] !== undefined) continue;
      this.#deps.logger.warn({ topic }, 'No name server knows the topic, waiting for it');
    }
  }

  /** Looks all known topics up again; errors are logged. */
  async refresh(topics: Iterable<string> = this.#routes.keys()): Promise<void> {
    await Promise.all([...new Set(topics)].map((topic) => this.refreshOne(topic)));
  }

  /** Looks one topic up again; an error is logged. */
  async refreshOne(topic: string): Promise<void> {
    try {
      await this.lookUp(topic);
    } catch (thrown) {
      this.#deps.logger.warn({ error: MqError.from(thrown), topic }, 'Route was not refreshed');
    }
  }

  /** Address of a broker, by default of the master; with `orAny` of another if there is none. */
  addressOf(brokerName: string, brokerId: number = MASTER_ID, orAny = false): string | undefined {
    const addresses = this.#brokers.get(brokerName)?.brokerAddrs;
    const address = addresses?.get(brokerId);
    return address === undefined && orAny ? addresses?.values().next().value : address;
  }

  /** All addresses of all brokers of known routes, masters only or with replicas. */
  addresses(mastersOnly: boolean): ReadonlySet<string> {
    const all = new Set<string>();
    for (const { brokerAddrs } of this.#brokers.values()) {
      for (const [id, address] of brokerAddrs) {
        if (!mastersOnly || id === MASTER_ID) all.add(address);
      }
    }
    return all;
  }

  async #assume(topic: string): Promise<TopicRoute | undefined> {
    const template = await this.#lookUpTemplate();
    if (template === undefined) return undefined;
    const route = routeFromTemplate(topic, template, TEMPLATE_QUEUE_NUMS);
    const untilMs = this.#deps.clock.monotonicMs() + ASSUMED_MS;
    if (this.#assumed.size < TOPICS_MAX) this.#assumed.set(topic, { route, untilMs });
    for (const [name, broker] of route.brokers) {
      if (!this.#brokers.has(name)) this.#brokers.set(name, broker);
    }
    return route;
  }

  #lookUpTemplate(): Promise<RouteData | undefined> {
    this.#template ??= this.#deps.query(TEMPLATE_TOPIC).finally(() => {
      this.#template = undefined;
    });
    return this.#template;
  }

  #rebuildBrokers(): void {
    this.#brokers.clear();
    for (const route of this.#routes.values()) {
      for (const [name, broker] of route.brokers) this.#brokers.set(name, broker);
    }
  }

  async #query(topic: string): Promise<TopicRoute | undefined> {
    const data = await this.#deps.query(topic);
    if (data === undefined) return undefined;
    const route = topicRouteOf(topic, data);
    const before = this.#routes.get(topic);
    if (before === undefined && this.#routes.size >= TOPICS_MAX) return route;
    this.#routes.set(topic, route);
    this.#assumed.delete(topic);
    if (before === undefined || !sameRoute(before, route)) {
      this.#rebuildBrokers();
      this.#deps.changed(route);
    }
    return route;
  }
}

function sameRoute(left: TopicRoute, right: TopicRoute): boolean {
  return fingerprint(left) === fingerprint(right);
}

function fingerprint(route: TopicRoute): string {
  const queues = (list: TopicRoute['writable']): string =>
    list.map((queue) => `${queue.brokerName}:${queue.queueId}`).join();
  const brokers = [...route.brokers.values()].map(
    (broker) => `${broker.brokerName}=${[...broker.brokerAddrs].join()}`,
  );
  return [queues(route.writable), queues(route.readable), ...brokers.sort()].join('|');
}
