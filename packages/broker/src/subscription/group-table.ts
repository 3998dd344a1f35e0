/** The consumer groups of this broker, kept in Apache's config/subscriptionGroup.json. */
import {
  type Clock,
  type JsonFile,
  type JsonInputObject,
  jsonNumber,
  jsonObjectOr,
  type Logger,
  type Scheduler,
} from '@skylarkmq/base';
import { groupNameProblem, isLmq, isSystemGroup } from '@skylarkmq/message';
import {
  type DataVersion,
  decodeDataVersion,
  decodeSubscriptionGroup,
  NO_VERSION,
  nextVersion,
  type SubscriptionGroup,
  subscriptionGroup,
  subscriptionGroupTableJson,
} from '@skylarkmq/wire';
import { TableFile } from '../persistence/table-file.ts';
import type { BrokerSettings } from '../settings.ts';

/** A change that nobody waits for is on disk after this. */
const SAVE_WITHIN_MS = 1000;

/** RocketMQ: SubscriptionGroupManager#init. */
const SYSTEM_GROUPS: readonly string[] = [
  'TOOLS_CONSUMER',
  'FILTERSRV_CONSUMER',
  'SELF_TEST_C_GROUP',
  'CID_ONS-HTTP-PROXY',
  'CID_ONSAPI_PULL',
  'CID_ONSAPI_PERMISSION',
  'CID_ONSAPI_OWNER',
  'CID_RMQ_SYS_TRANS',
];

export interface GroupTableDeps {
  /** Null keeps groups in memory only. */
  readonly file: JsonFile | null;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  settings(): BrokerSettings;
}

export class GroupTable {
  readonly #deps: GroupTableDeps;
  readonly #file: TableFile;
  readonly #groups = new Map<string, SubscriptionGroup>();
  readonly #forbidden = new Map<string, Map<string, number>>();
  #dataVersion: DataVersion = NO_VERSION;
  #wasFull = false;

  constructor(deps: GroupTableDeps) {
    this.#deps = deps;
    this.#file = new TableFile({
      file: deps.file,
      content: () => this.json(),
      periodMs: () => SAVE_WITHIN_MS,
      scheduler: deps.scheduler,
      logger: deps.logger,
    });
  }

  /** Reads the file and adds the system groups. CORRUPT when it has not the form of Apache's. */
  load(): void {
    const root = jsonObjectOr(this.#deps.file?.load(), 'subscriptionGroup');
    const groups = jsonObjectOr(root.get('subscriptionGroupTable'), 'subscriptionGroupTable');
    for (const [name, group] of groups) this.#groups.set(name, decodeSubscriptionGroup(group));
    for (const [group, topics] of jsonObjectOr(root.get('forbiddenTable'), 'forbiddenTable')) {
      const bits = [...jsonObjectOr(topics, group)].map(([topic, value]): [string, number] => [
        topic,
        jsonNumber(value, topic),
      ]);
      this.#forbidden.set(group, new Map(bits));
    }
    this.#dataVersion = decodeDataVersion(root.get('dataVersion'));
    for (const name of SYSTEM_GROUPS) {
      if (!this.#groups.has(name)) this.put(subscriptionGroup(name));
    }
  }

  /** The group, if it exists. Light groups (`%LMQ%`) always do, and are in no file. */
  // RocketMQ: LmqSubscriptionGroupManager
  get(group: string): SubscriptionGroup | undefined {
    return this.#groups.get(group) ?? (isLmq(group) ? subscriptionGroup(group) : undefined);
  }

  /**
   * The group; made when it does not exist and that is allowed (autoCreateSubscriptionGroup, valid
   * name, below the limit). Wait for `saved` before telling anybody that it exists for good.
   */
  // RocketMQ: SubscriptionGroupManager#findSubscriptionGroupConfig
  find(group: string): SubscriptionGroup | undefined {
    const known = this.get(group);
    if (known !== undefined) return known;
    const { autoCreateSubscriptionGroup, groupsMax } = this.#deps.settings();
    if (!autoCreateSubscriptionGroup && !isSystemGroup(group)) return undefined;
    if (groupNameProblem(group) !== undefined) return undefined;
    if (this.#groups.size >= groupsMax) {
      this.#warnFull(group, groupsMax);
      return undefined;
    }
    this.#wasFull = false;
    const made = subscriptionGroup(group);
    this.put(made);
    return made;
  }

  all(): ReadonlyMap<string, SubscriptionGroup> {
    return this.#groups;
  }

  /** Changes with every change of a group. */
  get dataVersion(): DataVersion {
    return this.#dataVersion;
  }

  put(group: SubscriptionGroup): void {
    this.#groups.set(group.groupName, group);
    this.#changed();
  }

  /** Removes a group with what is forbidden to it; false when there is none. */
  delete(group: string): boolean {
    const hadForbidden = this.#forbidden.delete(group);
    const existed = this.#groups.delete(group);
    if (existed || hadForbidden) this.#changed();
    return existed;
  }

  /** Bits that are forbidden to a group at a topic (4: reading). */
  forbidden(group: string, topic: string): number {
    return this.#forbidden.get(group)?.get(topic) ?? 0;
  }

  setForbidden(group: string, topic: string, bits: number): void {
    if (this.forbidden(group, topic) === bits) return;
    const topics = this.#forbidden.get(group) ?? new Map<string, number>();
    if (bits === 0) topics.delete(topic);
    else topics.set(topic, bits);
    if (topics.size === 0) this.#forbidden.delete(group);
    else this.#forbidden.set(group, topics);
    this.#changed();
  }

  /** Group to topic to bits. */
  forbiddenTable(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#forbidden;
  }

  /** The content of the file, and the body of GET_ALL_SUBSCRIPTIONGROUP_CONFIG. */
  json(): JsonInputObject {
    return subscriptionGroupTableJson(this.#dataVersion, this.#groups, this.#forbidden);
  }

  /** Resolves when all changes up to now are on disk, sharing the write. SYSTEM otherwise. */
  saved(): Promise<void> {
    return this.#file.saved();
  }

  /** Writes changes now; throws what the disk says. */
  save(): void {
    this.#file.save();
  }

  close(): void {
    this.#file.close();
  }

  #changed(): void {
    this.#dataVersion = nextVersion(this.#dataVersion, this.#deps.clock.nowMs());
    this.#file.changed();
  }

  #warnFull(group: string, groupsMax: number): void {
    if (this.#wasFull) return;
    this.#wasFull = true;
    this.#deps.logger.warn({ group, groupsMax }, 'A group is not made: the broker has all it may');
  }
}
