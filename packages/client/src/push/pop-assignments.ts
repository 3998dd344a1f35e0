/** Where brokers want a member of a group to pop: asked of one of them, whichever has the topic. */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { MessageRequestMode, type QueueAssignment } from '@skylarkmq/wire';
import { queryAssignment, setPopMode } from '../api/query-assignment.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { TopicRoute } from '../route/topic-route.ts';

/** The group, and how its members share queues. */
export interface PopAssignmentOptions {
  readonly group: string;
  /** AVG, AVG_BY_CIRCLE: as Apache calls it. */
  readonly strategy: string;
  /** Members that share each queue; 0 for all. */
  readonly shareQueues: number;
}

/** See the head of this file. */
export class PopAssignments {
  readonly #instance: ClientInstance;
  readonly #options: PopAssignmentOptions;
  /** A broker said that this client has no right to it. */
  #mayNotSwitch = false;

  constructor(instance: ClientInstance, options: PopAssignmentOptions) {
    this.#instance = instance;
    this.#options = options;
  }

  /** Undefined while the topic, or this member, is not known. */
  // RocketMQ: RebalanceImpl#getRebalanceResultFromBroker
  async of(topic: string): Promise<readonly MessageQueue[] | undefined> {
    const route = await this.#instance.routes.find(topic);
    if (route === undefined) return undefined;
    await this.#instance.announce();
    let assignments = await this.#ask(route);
    if (assignments.some(isPull)) {
      if (!(await this.#switchToPop(route))) return allQueues(route);
      assignments = await this.#ask(route);
      if (assignments.some(isPull)) throw this.#stillPull(topic);
    }
    const queues = assignments.map((one) => one.messageQueue);
    return queues.length === 0 ? undefined : queues;
  }

  async #ask(route: TopicRoute): Promise<readonly QueueAssignment[]> {
    const { prng } = this.#instance.options;
    const names = [...route.brokers.keys()];
    const name = names[prng.below(Math.max(1, names.length))] ?? '';
    const address = await this.#instance.masterOf(name, route.topic);
    const { group, strategy } = this.#options;
    return queryAssignment(this.#instance, address, { group, topic: route.topic, strategy });
  }

  /**
   * Brokers keep the mode of a group and topic each for itself. False for a client that has no
   * right to set it: it may pop all the same.
   */
  async #switchToPop({ brokers, topic }: TopicRoute): Promise<boolean> {
    if (this.#mayNotSwitch) return false;
    const { group, shareQueues } = this.#options;
    try {
      await Promise.all(
        [...brokers.keys()].map(async (name) => {
          const address = await this.#instance.masterOf(name, topic);
          await setPopMode(this.#instance, address, { group, topic, shareQueues });
        }),
      );
      return true;
    } catch (thrown) {
      const error = MqError.from(thrown);
      if (error.code !== MqErrorCode.Permission) throw error;
      this.#mayNotSwitch = true;
      const text = 'The mode of the group may not be set by this client: it pops from all queues';
      this.#instance.options.logger.info({ group, topic, error }, text);
      return false;
    }
  }

  #stillPull(topic: string): MqError {
    const { group } = this.#options;
    return new MqError(
      MqErrorCode.Unsupported,
      `The brokers let group ${group} pull ${topic} only: set its mode with mqadmin ` +
        'setConsumeMode -m POP, or use mode pull',
    );
  }
}

/** As brokers assign them to the members of a group that shares none: any queue, of each broker. */
function allQueues({ readable, topic }: TopicRoute): readonly MessageQueue[] {
  const names = new Set(readable.map(({ brokerName }) => brokerName));
  return [...names].map((brokerName) => ({ topic, brokerName, queueId: -1 }));
}

function isPull({ mode }: QueueAssignment): boolean {
  return mode === MessageRequestMode.Pull;
}
