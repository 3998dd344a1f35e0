/**
 * A broker that is registered at the real name server beside the real broker and does not take
 * messages: what a producer meets when one of several brokers is in trouble.
 */
import { realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import { type Connection, RemotingClient, RemotingServer } from '@skylarkmq/remoting';
import {
  encodeRegisterBrokerBody,
  type Outgoing,
  RegisterBroker,
  RequestCode,
  ResponseCode,
  topicConfig,
  UnregisterBroker,
} from '@skylarkmq/wire';
import { type Target, unique } from './scenario.ts';

/** How it fails: an answer that it is busy, or the connection closed without one. */
export type Lameness = 'busy' | 'hang-up';

/** See the head of this file. */
export class LameBroker {
  readonly name: string = unique('lame');
  /** Sends that reached it. */
  attempts = 0;
  readonly #ports = { clock: realClock, scheduler: realScheduler, logger: silentLogger };
  readonly #server: RemotingServer;
  readonly #client: RemotingClient;
  readonly #target: Target;
  readonly #lameness: Lameness;
  #address = '';

  constructor(target: Target, lameness: Lameness) {
    this.#target = target;
    this.#lameness = lameness;
    this.#server = new RemotingServer({ port: 0, ...this.#ports });
    this.#client = new RemotingClient(this.#ports);
    for (const code of [RequestCode.SendMessageV2, RequestCode.SendBatchMessage]) {
      this.#server.register(code, (_command, connection) => this.#refuse(connection));
    }
    this.#server.setDefault(() => ({ code: ResponseCode.Success }));
  }

  /** Listens and takes part in a topic with some queues. */
  async start(topic: string, queues: number): Promise<void> {
    const { port } = await this.#server.listen();
    this.#address = `127.0.0.1:${port}`;
    const dataVersion = { stateVersion: 0, timestamp: Date.now(), counter: 1 };
    // A name server refuses a first registration with one topic alone: it takes it for an update.
    const names = [topic, this.name];
    const topics = new Map(names.map((name) => [name, topicConfig(name, queues, 6)]));
    const ext = RegisterBroker.request.encode({
      ...this.#identity(),
      haServerAddr: '127.0.0.1:1',
      compressed: false,
      bodyCrc32: 0,
    });
    const body = encodeRegisterBrokerBody({ dataVersion, topics });
    try {
      await this.#ask({ code: RegisterBroker.code, ext, body });
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const ext = UnregisterBroker.request.encode(this.#identity());
    try {
      await this.#ask({ code: UnregisterBroker.code, ext });
    } finally {
      await this.#close();
    }
  }

  async #close(): Promise<void> {
    await this.#client.close();
    await this.#server.close();
  }

  async #ask(request: Outgoing): Promise<void> {
    const { namesrv } = this.#target;
    const answer = await this.#client.invoke(namesrv, request, { timeoutMs: 60_000 });
    if (answer.code === ResponseCode.Success) return;
    throw new Error(`The name server refused with ${answer.code}: ${answer.remark}`);
  }

  #identity(): { brokerName: string; brokerAddr: string; clusterName: string; brokerId: number } {
    const { name, ...rest } = { name: this.name, clusterName: 'LameCluster', brokerId: 0 };
    return { brokerName: name, brokerAddr: this.#address, ...rest };
  }

  #refuse(connection: Connection): Outgoing | null {
    this.attempts++;
    if (this.#lameness === 'busy') return { code: ResponseCode.SystemError, remark: 'broken' };
    connection.close('as told');
    return null;
  }
}
