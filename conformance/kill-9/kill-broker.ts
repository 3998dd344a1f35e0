/**
 * The built `skylark start`, killed under load again and again on the same data and ports.
 * Producers and a consumer are our own client; the ledger is kept here, in the process that
 * survives.
 */
import type { Prng } from '@skylarkmq/base';
import { Producer, PullConsumer } from '@skylarkmq/client';
import { type LedgerEvent, ledgerBody, readLedgerBody } from '@skylarkmq/testkit';
import { KilledServer, loaded } from './killed-server.ts';

const TOPIC = 'Ledger';
/** Sends of one producer that wait for their answers. */
const IN_FLIGHT = 32;
const SEND_TIMEOUT_MS = 3000;
const POLL_MS = 200;
/** Acknowledged and received between two kills, at least. */
const ACKS_MIN = 60;
const RECEIPTS_MIN = 20;
const LOAD_MS_MORE = 500;

/** One data directory and everything that happened to it. */
export class KilledBroker {
  readonly events: LedgerEvent[] = [];
  readonly #server: KilledServer;
  readonly #namesrv: string;

  private constructor(server: KilledServer) {
    this.#server = server;
    this.#namesrv = server.namesrv;
  }

  /** Starts it for the first time. */
  static async start(data: string, flush: 'sync' | 'async'): Promise<KilledBroker> {
    return new KilledBroker(await KilledServer.start(data, flush));
  }

  /** The longest start, from exec to ready, milliseconds. */
  get startMsMax(): number {
    return this.#server.startMsMax;
  }

  /** Load for a random time, then SIGKILL in the middle of it, then a new start. */
  async kill(round: number, prng: Prng): Promise<void> {
    const stop = new AbortController();
    const producers = [1, 2].map((n) => this.#produce(`k${round}-p${n}`, prng, stop.signal));
    const consumer = this.#consume(`k${round}-c`, stop.signal);
    const acks = this.#count('ack') + ACKS_MIN;
    const receipts = this.#count('receipt') + RECEIPTS_MIN;
    await loaded(() => this.#count('ack') >= acks && this.#count('receipt') >= receipts);
    await new Promise((resolve) => setTimeout(resolve, prng.below(LOAD_MS_MORE)));
    await this.#server.kill();
    stop.abort();
    await Promise.all([...producers, consumer]);
    await this.#server.restart();
  }

  #count(kind: LedgerEvent['kind']): number {
    return this.events.filter((event) => event.kind === kind).length;
  }

  /** The final reader: everything that can be consumed, from the beginning; then a clean stop. */
  async finish(): Promise<void> {
    const requestTimeoutMs = 60_000;
    const options = { namesrv: this.#namesrv, group: 'final', requestTimeoutMs };
    await using consumer = new PullConsumer(options);
    const queues = await consumer.queues(TOPIC);
    await consumer.assign(queues);
    for (const queue of queues) await consumer.seekToBeginning(queue);
    let empty = 0;
    while (empty < 3) {
      const messages = await consumer.poll({ timeoutMs: POLL_MS * 3, max: 1000 });
      empty = messages.length === 0 ? empty + 1 : 0;
      for (const message of messages) {
        const { id, bodyHash } = readLedgerBody(message.body);
        const queue = queueName(message.queue);
        this.events.push({ kind: 'final', id, queue, offset: message.queueOffset, bodyHash });
      }
    }
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  /** Ends it the hard way, for tests that failed. */
  async abandon(): Promise<void> {
    await this.#server.kill();
  }

  async #produce(name: string, prng: Prng, signal: AbortSignal): Promise<void> {
    await using producer = new Producer({
      namesrv: this.#namesrv,
      instanceName: name,
      retries: 0,
      sendTimeoutMs: SEND_TIMEOUT_MS,
    });
    let sent = 0;
    const lane = async (): Promise<void> => {
      while (!signal.aborted) {
        sent += 1;
        await this.#send(producer, name, `${name}-${sent}`, prng);
      }
    };
    await Promise.all([...Array(IN_FLIGHT)].map(lane));
  }

  async #send(producer: Producer, name: string, id: string, prng: Prng): Promise<void> {
    this.events.push({ kind: 'attempt', id, producer: name });
    const body = ledgerBody(id, 100 + prng.below(2000));
    try {
      const receipt = await producer.send({ topic: TOPIC, body, keys: id });
      if (receipt.status !== 'ok') return;
      const queue = queueName(receipt.queue);
      this.events.push({ kind: 'ack', id, producer: name, queue, offset: receipt.queueOffset });
    } catch {
      // The broker is gone, or nearly: whether it has the message is unknown.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async #consume(name: string, signal: AbortSignal): Promise<void> {
    await using consumer = new PullConsumer({
      ...{ namesrv: this.#namesrv, instanceName: name, group: 'readers', autoCommit: false },
    });
    while (!signal.aborted) {
      try {
        if ((await consumer.assignment()).length === 0) {
          const queues = await consumer.queues(TOPIC, { signal });
          await consumer.assign(queues);
        }
        const messages = await consumer.poll({ timeoutMs: POLL_MS, max: 1000, signal });
        for (const message of messages) {
          const { id, bodyHash } = readLedgerBody(message.body);
          const queue = queueName(message.queue);
          const { queueOffset: offset } = message;
          this.events.push({ kind: 'receipt', id, consumer: name, queue, offset, bodyHash });
        }
      } catch {
        // No topic yet, or no broker any more.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}

function queueName(queue: { readonly topic: string; readonly queueId: number }): string {
  return `${queue.topic}-${queue.queueId}`;
}
