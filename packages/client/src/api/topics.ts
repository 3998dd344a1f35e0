/** Making and removing topics, at one broker or name server. */
import { DeleteTopicInBroker, DeleteTopicInNamesrv, UpdateAndCreateTopic } from '@skylarkmq/wire';
import type { Requester } from '../instance/requester.ts';
import { TEMPLATE_TOPIC } from '../route/route-table.ts';
import { expectSuccess } from './expect-success.ts';

/** What a topic is like at one broker. */
export interface TopicArguments {
  readonly topic: string;
  readonly readQueues: number;
  readonly writeQueues: number;
  /** 2 write, 4 read, 6 both. */
  readonly permission: number;
  readonly ordered: boolean;
  /** Such as `+message.type=FIFO`. */
  readonly attributes: string | undefined;
}

/** Makes a topic at a broker, or changes it there. */
export async function createTopicAt(
  requester: Requester,
  address: string,
  args: TopicArguments,
): Promise<void> {
  const ext = UpdateAndCreateTopic.request.encode({
    topic: args.topic,
    defaultTopic: TEMPLATE_TOPIC,
    readQueueNums: args.readQueues,
    writeQueueNums: args.writeQueues,
    perm: args.permission,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: args.ordered,
    attributes: args.attributes,
  });
  const answer = await requester.request(address, { code: UpdateAndCreateTopic.code, ext });
  expectSuccess(answer, `The creation of topic ${args.topic} at ${address}`);
}

/** Removes a topic from a broker. */
export async function deleteTopicAt(
  requester: Requester,
  address: string,
  topic: string,
): Promise<void> {
  const ext = DeleteTopicInBroker.request.encode({ topic });
  const answer = await requester.request(address, { code: DeleteTopicInBroker.code, ext });
  expectSuccess(answer, `The removal of topic ${topic} at ${address}`);
}

/** Removes a topic from all name servers. */
export async function deleteTopicRoute(requester: Requester, topic: string): Promise<void> {
  const ext = DeleteTopicInNamesrv.request.encode({ topic });
  const answers = await requester.askAllNameServers({ code: DeleteTopicInNamesrv.code, ext });
  for (const answer of answers) expectSuccess(answer, `The removal of topic ${topic}`);
}
