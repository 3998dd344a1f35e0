/**
 * Transactions: half, work of nothing, commit, by our own client, against any broker. What counts
 * is the broker's CPU time for one transaction; the client takes its share of the machine too.
 * tsx bench/transaction.ts --ns ADDRESS --pid PID[,PID] [--lanes 64] [--warm S] [--dur S]
 */
import { Admin, TransactionProducer } from '@skylarkmq/client';
import { makeTopic, measureLanes, printFigures, readTask } from './generator.ts';

const task = readTask({ lanes: 64 });
const BODY = 'x'.repeat(1024);
const TIMEOUT_MS = 60_000;
const { namesrv } = task;

await using admin = new Admin({ namesrv });
const topic = await makeTopic(admin, 'transactions', 4);
await using producer = new TransactionProducer({
  namesrv,
  group: 'bench-transactions',
  requestTimeoutMs: TIMEOUT_MS,
  check: async () => 'commit',
});

async function transaction(): Promise<number> {
  const message = { topic, body: BODY };
  const sent = await producer.sendInTransaction(message, async () => 'commit', {
    timeoutMs: TIMEOUT_MS,
  });
  if (!sent.settled) throw new Error(`The transaction ${sent.messageId} is not settled`);
  return 1;
}

printFigures(await measureLanes(task, 'transaction', task.number('lanes'), transaction));
