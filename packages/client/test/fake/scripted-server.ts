import { realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import { type Connection, RemotingServer } from '@skylarkmq/remoting';
import {
  type Command,
  encodeTopicRoute,
  type Outgoing,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';

/** Answers one request; null for no answer (yet). */
export type Answer = (
  request: Command,
  connection: Connection,
) => Outgoing | null | Promise<Outgoing | null>;

const OK: Outgoing = { code: ResponseCode.Success };

/**
 * A real remoting server on a free port that plays a name server and the one broker that it knows
 * (`b`): routes of the topics that it was told of, and what a test wants for other codes.
 */
export class ScriptedServer {
  /** Codes of all requests, in order of arrival. */
  readonly codes: number[] = [];
  readonly #answers = new Map<number, Answer>();
  readonly #topics = new Map<string, number>();
  #server = this.#create(0);
  #port = 0;

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async start(): Promise<this> {
    this.on(RequestCode.GetRouteinfoByTopic, (request) => this.#route(request));
    this.#port = (await this.#server.listen()).port;
    return this;
  }

  stop(): Promise<void> {
    return this.#server.close();
  }

  /** Breaks all connections and listens again at the same port. */
  async restart(): Promise<void> {
    await this.#server.close();
    this.#server = this.#create(this.#port);
    await this.#server.listen();
  }

  /** Answers a code; all others are answered with success and nothing else. */
  on(code: number, answer: Answer): void {
    this.#answers.set(code, answer);
  }

  /** Makes a topic known. */
  addTopic(topic: string, queues: number): void {
    this.#topics.set(topic, queues);
  }

  /** How often a code was asked. */
  count(code: number): number {
    return this.codes.filter((one) => one === code).length;
  }

  #create(port: number): RemotingServer {
    const ports = { clock: realClock, scheduler: realScheduler, logger: silentLogger };
    const server = new RemotingServer({ port, ...ports });
    server.setDefault((request, connection) => {
      this.codes.push(request.code);
      const answer = this.#answers.get(request.code);
      return answer === undefined ? OK : answer(request, connection);
    });
    return server;
  }

  #route(request: Command): Outgoing {
    const queues = this.#topics.get(request.ext.get('topic') ?? '');
    if (queues === undefined) return { code: ResponseCode.TopicNotExist, remark: 'unknown' };
    const brokerName = 'b';
    const counts = { readQueueNums: queues, writeQueueNums: queues };
    const route = {
      queueDatas: [{ brokerName, ...counts, perm: 6, topicSysFlag: 0 }],
      brokerDatas: [
        {
          cluster: 'c',
          brokerName,
          brokerAddrs: new Map([[0, this.address]]),
          enableActingMaster: false,
        },
      ],
      filterServerTable: new Map<string, readonly string[]>(),
    };
    return { code: ResponseCode.Success, body: encodeTopicRoute(route, true) };
  }
}

/** Waits until something that the other side does has happened. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadlineMs = realClock.monotonicMs() + 120_000;
  while (!condition()) {
    if (realClock.monotonicMs() > deadlineMs) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
