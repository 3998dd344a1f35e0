/** Requests to a broker over a real connection, with defaults for what a test does not care for. */
import { realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import {
  decodeRecords,
  encodePropertyText,
  PullFlag,
  type StoredMessage,
} from '@skylarkmq/message';
import { RemotingClient } from '@skylarkmq/remoting';
import {
  type Command,
  type Outgoing,
  PullMessage,
  type PullMessageRequest,
  RequestCode,
  SendMessage,
  type Serialization,
} from '@skylarkmq/wire';

export interface TestMessage {
  readonly code?: number;
  readonly topic?: string;
  readonly queueId?: number;
  readonly body?: string | Buffer | null;
  readonly properties?: Iterable<readonly [string, string]>;
  readonly propertyText?: string;
  readonly reconsumeTimes?: number;
  readonly maxReconsumeTimes?: number;
  readonly sysFlag?: number;
  readonly flag?: number;
  readonly batch?: boolean;
  readonly oneway?: boolean;
}

export class HotPathClient {
  readonly #client: RemotingClient;
  readonly #address: string;

  constructor(port: number, serialization?: Serialization) {
    this.#address = `127.0.0.1:${port}`;
    const ports = { clock: realClock, scheduler: realScheduler, logger: silentLogger };
    this.#client = new RemotingClient(
      serialization === undefined ? ports : { ...ports, serialization },
    );
  }

  /** Code 310 unless another is given; UNIQ_KEY as a client sets it unless properties are given. */
  async send(message: TestMessage): Promise<Command> {
    const request = sendRequest(message);
    return this.invoke(request);
  }

  async sendOneway(message: TestMessage): Promise<void> {
    await this.#client.invokeOneway(this.#address, sendRequest(message));
  }

  pull(fields: Partial<PullMessageRequest>, code: number = PullMessage.code): Promise<Command> {
    const ext = PullMessage.request.encode({
      consumerGroup: 'G',
      topic: 'T',
      queueId: 0,
      queueOffset: 0,
      maxMsgNums: 32,
      sysFlag: PullFlag.Subscription,
      commitOffset: 0,
      suspendTimeoutMillis: 15_000,
      subscription: '*',
      subVersion: 0,
      ...fields,
    });
    return this.invoke({ code, ext });
  }

  invoke(request: Outgoing): Promise<Command> {
    return this.#client.invoke(this.#address, request, { timeoutMs: 60_000 });
  }

  disconnect(): void {
    this.#client.disconnect(this.#address, 'by the test');
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

export function messagesOf(answer: Command): StoredMessage[] {
  return answer.body === null ? [] : decodeRecords(answer.body);
}

export function bodiesOf(answer: Command): string[] {
  return messagesOf(answer).map((one) => one.body.toString());
}

/** The number in a field of an answer; NaN when it is missing. */
export function numberOf(answer: Command, field: string): number {
  return Number(answer.ext.get(field) ?? Number.NaN);
}

function sendRequest(message: TestMessage): Outgoing {
  const { code = RequestCode.SendMessageV2, body = 'hello' } = message;
  const properties = message.properties ?? [['UNIQ_KEY', '7F00000100002A9F0000000000000001']];
  const values = {
    producerGroup: 'P',
    topic: message.topic ?? 'T',
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: message.queueId ?? 0,
    sysFlag: message.sysFlag ?? 0,
    bornTimestamp: 1_700_000_000_123,
    flag: message.flag ?? 0,
    properties: message.propertyText ?? encodePropertyText(properties),
    reconsumeTimes: message.reconsumeTimes ?? 0,
    unitMode: false,
    maxReconsumeTimes: message.maxReconsumeTimes,
    batch: message.batch ?? false,
  };
  const ext =
    code === RequestCode.SendMessage
      ? SendMessage.request.encode(values)
      : SendMessage.requestV2.encode({
          a: values.producerGroup,
          b: values.topic,
          c: values.defaultTopic,
          d: values.defaultTopicQueueNums,
          e: values.queueId,
          f: values.sysFlag,
          g: values.bornTimestamp,
          h: values.flag,
          i: values.properties,
          j: values.reconsumeTimes,
          k: values.unitMode,
          l: values.maxReconsumeTimes,
          m: values.batch,
        });
  return { code, ext, body: body === null ? null : Buffer.from(body) };
}
