/**
 * A thousand different SQL92 expressions pull the same messages: the broker's CPU for each message
 * that it looked at, and how long a pull takes.
 * tsx bench/sql-filter.ts --ns ADDRESS --broker ADDRESS --pid PID[,PID] [--expressions 1000]
 *   [--warm S] [--dur S]
 */
import { realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import { Admin, Producer } from '@skylarkmq/client';
import { PullFlag } from '@skylarkmq/message';
import { RemotingClient } from '@skylarkmq/remoting';
import { PullMessage, ResponseCode } from '@skylarkmq/wire';
import { makeTopic, measureLanes, printFigures, readTask, type Task } from './generator.ts';

const task = readTask({ expressions: 1000 });
/** Units that one pull looks at: RocketMQ's maxFilterMessageSize. */
const MESSAGES = 800;
/** Pulls under way at a time. */
const IN_FLIGHT = 8;
const TIMEOUT_MS = 120_000;
const BODY_BYTES = 200;

/** Different for each number, with texts and numbers, and true for about one message of 400. */
function expression(index: number): string {
  const low = (index * 7) % MESSAGES;
  return (
    `price BETWEEN ${low} AND ${low + 3} AND kind IN ('book', 'dvd', 'k${index}') ` +
    `AND discount < 1.5 AND name NOT STARTSWITH 'x${index}' OR special = 's${index}'`
  );
}

async function filledTopic({ namesrv }: Task): Promise<string> {
  await using admin = new Admin({ namesrv });
  const topic = await makeTopic(admin, 'sql', 1);
  await using producer = new Producer({ namesrv });
  const body = Buffer.alloc(BODY_BYTES, 'x');
  for (let index = 0; index < MESSAGES; index++) {
    const properties = {
      ...{ price: String(index), kind: ['book', 'dvd', 'record'][index % 3] ?? '' },
      ...{ name: `name-${index}`, discount: String((index % 20) / 10), user: `user-${index}` },
    };
    await producer.send({ topic, body, properties });
  }
  return topic;
}

async function pull(client: RemotingClient, topic: string, subscription: string): Promise<number> {
  const ext = PullMessage.request.encode({
    ...{ consumerGroup: 'bench-sql', topic, queueId: 0, queueOffset: 0, maxMsgNums: 32 },
    ...{ sysFlag: PullFlag.Subscription, commitOffset: 0, suspendTimeoutMillis: 0 },
    ...{ subscription, subVersion: 0, expressionType: 'SQL92' },
  });
  const request = { code: PullMessage.code, ext };
  const { code, remark } = await client.invoke(task.broker, request, { timeoutMs: TIMEOUT_MS });
  if (code !== ResponseCode.Success && code !== ResponseCode.PullRetryImmediately) {
    throw new Error(`A pull was answered with ${code}: ${remark}`);
  }
  return MESSAGES;
}

const topic = await filledTopic(task);
const ports = { clock: realClock, scheduler: realScheduler, logger: silentLogger };
const client = new RemotingClient(ports);
const expressions = task.number('expressions');
let next = 0;
const work = (): Promise<number> => pull(client, topic, expression(next++ % expressions));
printFigures(await measureLanes(task, 'sql-filter', IN_FLIGHT, work));
await client.close();
