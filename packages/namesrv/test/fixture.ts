/** A real name server on a free port, and what tests ask it over a real connection. */
import { MemoryFileSystem, realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import { RemotingClient } from '@skylarkmq/remoting';
import {
  type Command,
  decodeTopicList,
  decodeTopicRoute,
  encodeRegisterBrokerBody,
  GetRouteInfoByTopic,
  type Outgoing,
  RegisterBroker,
  type RegisterBrokerRequest,
  RequestCode,
  type TopicRoute,
  topicConfig,
} from '@skylarkmq/wire';
import { NameServer, type NameServerOptions } from '../src/index.ts';

export interface Running {
  readonly server: NameServer;
  readonly time: VirtualTime;
  readonly address: string;
  ask(request: Outgoing): Promise<Command>;
  /** A client with a connection of its own; closed with the rest. */
  client(): RemotingClient;
  stop(): Promise<void>;
}

export async function startNameServer(options: Partial<NameServerOptions> = {}): Promise<Running> {
  const time = new VirtualTime(realScheduler);
  const ports = { clock: time, scheduler: time, logger: silentLogger };
  const server = new NameServer({
    port: 0,
    fileSystem: new MemoryFileSystem(() => time.nowMs()),
    ...ports,
    ...options,
  });
  const { port } = await server.start();
  const address = `127.0.0.1:${port}`;
  const clients: RemotingClient[] = [];
  const client = (): RemotingClient => {
    const one = new RemotingClient(ports);
    clients.push(one);
    return one;
  };
  const asking = client();
  return {
    server,
    time,
    address,
    client,
    ask: (request) => asking.invoke(address, request, { timeoutMs: 60_000 }),
    async stop() {
      for (const one of clients) await one.close();
      await server.close();
    },
  };
}

/** Asks through a client of the caller's. */
export function askWith(
  client: RemotingClient,
  address: string,
  request: Outgoing,
): Promise<Command> {
  return client.invoke(address, request, { timeoutMs: 60_000 });
}

/** A registration of broker-a at 10.0.0.1, changed as given, with a version of its topics. */
export function registration(
  changes: Partial<RegisterBrokerRequest> = {},
  topics: readonly string[] = ['TopicA', 'TopicB'],
  counter = 1,
  stateVersion = 0,
): Outgoing {
  const ext = RegisterBroker.request.encode({
    brokerName: 'broker-a',
    brokerAddr: '10.0.0.1:10911',
    clusterName: 'DefaultCluster',
    haServerAddr: '10.0.0.1:10912',
    brokerId: 0,
    enableActingMaster: false,
    compressed: false,
    bodyCrc32: 0,
    ...changes,
  });
  const dataVersion = { counter, stateVersion, timestamp: 1_700_000_000_000 };
  const configs = topics.map((name) => [name, topicConfig(name, 4, 6)] as const);
  const body = encodeRegisterBrokerBody({ dataVersion, topics: new Map(configs) });
  return { code: RegisterBroker.code, ext, body };
}

export async function routeOf(
  running: Running,
  topic: string,
  more: Partial<Outgoing> = {},
): Promise<TopicRoute | undefined> {
  const ext = GetRouteInfoByTopic.request.encode({ topic });
  const answer = await running.ask({ code: GetRouteInfoByTopic.code, ext, ...more });
  return answer.code === 0 && answer.body !== null ? decodeTopicRoute(answer.body) : undefined;
}

/** Names of all topics, sorted. */
export async function allTopics(running: Running): Promise<string[]> {
  const answer = await running.ask({ code: RequestCode.GetAllTopicListFromNameserver });
  return decodeTopicList(answer.body).sort();
}
