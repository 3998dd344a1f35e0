/** The readable queues of a topic in the whole cluster, as the name servers know them. */
import { type Clock, type Logger, MqError } from '@skylarkmq/base';
import { isReadable, type MessageQueue } from '@skylarkmq/message';
import type { RemotingClient } from '@skylarkmq/remoting';
import {
  decodeTopicRoute,
  GetRouteInfoByTopic,
  ResponseCode,
  type TopicConfig,
} from '@skylarkmq/wire';
import type { BrokerIdentity } from '../identity.ts';

/** How long an answer of a name server is believed. RocketMQ: loadBalancePollNameServerInterval */
const FRESH_MS = 5000;
const TIMEOUT_MS = 3000;
/** Topics that are remembered; beyond that all are asked again. */
const TOPICS_MAX = 10_000;

export interface ClusterQueuesDeps {
  readonly client: Pick<RemotingClient, 'invoke'>;
  readonly identity: Pick<BrokerIdentity, 'brokerName'>;
  readonly topics: { get(topic: string): TopicConfig | undefined };
  readonly clock: Clock;
  readonly logger: Logger;
  addresses(): readonly string[];
}

interface Known {
  readonly untilMs: number;
  readonly queues: Promise<MessageQueue[]>;
}

export class ClusterQueues {
  readonly #deps: ClusterQueuesDeps;
  readonly #known = new Map<string, Known>();

  constructor(deps: ClusterQueuesDeps) {
    this.#deps = deps;
  }

  /** Sorted by broker and queue. Without a name server: the queues of this broker. */
  of(topic: string): Promise<MessageQueue[]> {
    const nowMs = this.#deps.clock.monotonicMs();
    const known = this.#known.get(topic);
    if (known !== undefined && nowMs < known.untilMs) return known.queues;
    if (this.#known.size >= TOPICS_MAX) this.#known.clear();
    const queues = this.#ask(topic);
    this.#known.set(topic, { untilMs: nowMs + FRESH_MS, queues });
    return queues;
  }

  async #ask(topic: string): Promise<MessageQueue[]> {
    const { client, logger, addresses } = this.#deps;
    for (const address of addresses()) {
      try {
        const ext = GetRouteInfoByTopic.request.encode({ topic, acceptStandardJsonOnly: true });
        const request = { code: GetRouteInfoByTopic.code, ext };
        const answer = await client.invoke(address, request, { timeoutMs: TIMEOUT_MS });
        if (answer.code === ResponseCode.Success && answer.body !== null) {
          const { queueDatas } = decodeTopicRoute(answer.body);
          return sorted(queueDatas.flatMap((data) => queuesOf(topic, data.brokerName, data)));
        }
      } catch (thrown) {
        const error = MqError.from(thrown);
        logger.debug({ address, topic, error }, 'A name server does not say where a topic is');
      }
    }
    const own = this.#deps.topics.get(topic);
    return own === undefined ? [] : queuesOf(topic, this.#deps.identity.brokerName, own);
  }
}

function queuesOf(
  topic: string,
  brokerName: string,
  { perm, readQueueNums }: { readonly perm: number; readonly readQueueNums: number },
): MessageQueue[] {
  if (!isReadable(perm)) return [];
  return Array.from({ length: readQueueNums }, (_, queueId) => ({ topic, brokerName, queueId }));
}

/** RocketMQ: MessageQueue#compareTo */
function sorted(queues: MessageQueue[]): MessageQueue[] {
  return queues.sort((one, other) => {
    if (one.brokerName !== other.brokerName) return one.brokerName < other.brokerName ? -1 : 1;
    return one.queueId - other.queueId;
  });
}
