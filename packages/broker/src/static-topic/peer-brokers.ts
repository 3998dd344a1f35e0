/** Asks other brokers about the parts of logical queues that lie there. */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { RemotingClient } from '@skylarkmq/remoting';
import {
  type Command,
  decodeTopicRoute,
  GetRouteInfoByTopic,
  type Outgoing,
  ResponseCode,
} from '@skylarkmq/wire';

/** RocketMQ: BrokerConfig#forwardTimeout */
const TIMEOUT_MS = 3000;
/** Brokers whose address is remembered; beyond that all are looked up again. */
const BROKERS_MAX = 1000;
const MASTER_ID = 0;

export interface PeerBrokersDeps {
  readonly client: Pick<RemotingClient, 'invoke'>;
  /** "host:port" of the name servers; may change. */
  addresses(): readonly string[];
}

export class PeerBrokers {
  readonly #deps: PeerBrokersDeps;
  /** Broker name to address. */
  readonly #addresses = new Map<string, string>();

  constructor(deps: PeerBrokersDeps) {
    this.#deps = deps;
  }

  /** Sends a request about a topic to a broker that has parts of it. What `invoke` throws. */
  async ask(brokerName: string, topic: string, request: Outgoing): Promise<Command> {
    const address = this.#addresses.get(brokerName) ?? (await this.#find(brokerName, topic));
    try {
      return await this.#deps.client.invoke(address, request, { timeoutMs: TIMEOUT_MS });
    } catch (error) {
      // It may be elsewhere by now.
      this.#addresses.delete(brokerName);
      throw error;
    }
  }

  async #find(brokerName: string, topic: string): Promise<string> {
    const { client, addresses } = this.#deps;
    const ext = GetRouteInfoByTopic.request.encode({ topic, acceptStandardJsonOnly: true });
    const request = { code: GetRouteInfoByTopic.code, ext };
    let reason = 'no name server is known';
    for (const namesrv of addresses()) {
      try {
        const answer = await client.invoke(namesrv, request, { timeoutMs: TIMEOUT_MS });
        const found = masterOf(answer, brokerName);
        if (found !== undefined) return this.#remember(brokerName, found);
        reason = `the name server ${namesrv} does not know it`;
      } catch (error) {
        reason = MqError.from(error).message;
      }
    }
    const message = `Broker ${brokerName}, which has a part of topic ${topic}, is not found: `;
    throw new MqError(MqErrorCode.NoRoute, message + reason);
  }

  #remember(brokerName: string, address: string): string {
    if (this.#addresses.size >= BROKERS_MAX) this.#addresses.clear();
    this.#addresses.set(brokerName, address);
    return address;
  }
}

function masterOf(answer: Command, brokerName: string): string | undefined {
  if (answer.code !== ResponseCode.Success || answer.body === null) return undefined;
  const { brokerDatas } = decodeTopicRoute(answer.body);
  return brokerDatas.find((one) => one.brokerName === brokerName)?.brokerAddrs.get(MASTER_ID);
}
