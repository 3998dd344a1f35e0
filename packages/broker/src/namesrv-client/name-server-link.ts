/** What one name server knows of this broker, and how it is told the rest. */
import { crc32, type Logger, MqError, MqErrorCode } from '@skylarkmq/base';
import { isReadable, isWritable, maskCrc, READ_WRITE } from '@skylarkmq/message';
import type { RemotingClient } from '@skylarkmq/remoting';
import {
  type DataVersion,
  encodeRegisterBrokerBody,
  RegisterBroker,
  ResponseCode,
  type TopicConfig,
} from '@skylarkmq/wire';
import type { BrokerIdentity } from '../identity.ts';
import type { BrokerSettings } from '../settings.ts';
import type { StaticTopics } from '../static-topic/static-topics.ts';
import type { TopicTable } from '../topic/topic-table.ts';

/** More topics go in several requests, so that each stays far below the limit of frames. */
const TOPICS_PER_REQUEST = 10_000;

export interface NameServerLinkDeps {
  readonly client: Pick<RemotingClient, 'invoke'>;
  readonly identity: BrokerIdentity;
  readonly topics: TopicTable;
  readonly staticTopics: Pick<StaticTopics, 'get'>;
  settings(): BrokerSettings;
  readonly logger: Logger;
  readonly advertiseAuto: boolean;
}

export class NameServerLink {
  readonly #address: string;
  readonly #deps: NameServerLinkDeps;
  /** Topics that changed since the name server was told. */
  #changed = new Set<string>();
  /** Whether it must be told everything: at first, and after anything went wrong. */
  #needsAll = true;
  #isDown = false;
  #running: Promise<Buffer | null> | undefined;
  #next: Promise<Buffer | null> | undefined;
  #nextEverything = false;

  constructor(address: string, deps: NameServerLinkDeps) {
    this.#address = address;
    this.#deps = deps;
  }

  /** It may have forgotten everything: the connection to it broke. */
  lost(): void {
    this.#needsAll = true;
  }

  /** A topic is new, changed or gone. */
  changed(topic: string): void {
    this.#changed.add(topic);
  }

  /**
   * Tells the name server everything, or what it does not know yet. One request at a time: who
   * comes while one is under way shares the one after it. Resolves with the body of the answer;
   * null when there is none, or when the name server failed, which is logged.
   */
  register(everything: boolean): Promise<Buffer | null> {
    if (this.#running === undefined) return this.#begin(everything);
    this.#nextEverything ||= everything;
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const all = this.#nextEverything;
      this.#nextEverything = false;
      return this.#begin(all);
    });
    return this.#next;
  }

  #begin(everything: boolean): Promise<Buffer | null> {
    this.#running = this.#tell(everything || this.#needsAll).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #tell(everything: boolean): Promise<Buffer | null> {
    const { topics, logger } = this.#deps;
    const names = everything ? [...topics.all().keys()] : [...this.#changed];
    this.#changed = new Set();
    const configs = names.flatMap((name) => topics.get(name) ?? []);
    if (configs.length === 0) return null;
    try {
      const body = await this.#send(configs, topics.dataVersion);
      this.#needsAll = false;
      if (this.#isDown) logger.info({ address: this.#address }, 'A name server is back');
      this.#isDown = false;
      return body;
    } catch (error) {
      this.#needsAll = true;
      // A name server that stays down is one line, not one every 30 s.
      if (!this.#isDown) {
        logger.warn({ address: this.#address, error }, 'Registering at a name server failed');
      }
      this.#isDown = true;
      return null;
    }
  }

  async #send(configs: readonly TopicConfig[], version: DataVersion): Promise<Buffer | null> {
    const requests = Math.ceil(configs.length / TOPICS_PER_REQUEST);
    let answer: Buffer | null = null;
    for (let index = 0; index < requests; index++) {
      const from = index * TOPICS_PER_REQUEST;
      const some = configs.slice(from, from + TOPICS_PER_REQUEST);
      // A name server looks at topics only when the version is another one than before.
      const counter = version.counter - (requests - 1 - index);
      answer = await this.#sendOne(some, { ...version, counter });
    }
    return answer;
  }

  async #sendOne(configs: readonly TopicConfig[], version: DataVersion): Promise<Buffer | null> {
    const { client, identity, staticTopics, settings, advertiseAuto } = this.#deps;
    const { brokerPermission, registerBrokerTimeoutMills } = settings();
    const topics = new Map(configs.map((one) => [one.topicName, limited(one, brokerPermission)]));
    const mappings = configs.flatMap((one) => staticTopics.get(one.topicName) ?? []);
    const body = encodeRegisterBrokerBody({ dataVersion: version, topics }, mappings);
    const ext = RegisterBroker.request.encode({
      brokerName: identity.brokerName,
      brokerAddr: identity.address,
      clusterName: identity.brokerClusterName,
      brokerId: identity.brokerId,
      enableActingMaster: false,
      compressed: false,
      bodyCrc32: maskCrc(crc32(body, 0, body.length)),
      ...(advertiseAuto ? { skylarkAdvertise: 'auto' } : {}),
    });
    const request = { code: RegisterBroker.code, ext, body };
    const options = { timeoutMs: registerBrokerTimeoutMills };
    const answer = await client.invoke(this.#address, request, options);
    if (answer.code === ResponseCode.Success) return answer.body;
    throw new MqError(MqErrorCode.Response, answer.remark ?? `The answer is ${answer.code}`, {
      responseCode: answer.code,
    });
  }
}

/** A topic with what the broker as a whole does not allow taken away. */
function limited(config: TopicConfig, brokerPermission: number): TopicConfig {
  const isAll = isReadable(brokerPermission) && isWritable(brokerPermission);
  const mask = isAll ? config.perm : brokerPermission & READ_WRITE;
  return { ...config, perm: config.perm & mask };
}
