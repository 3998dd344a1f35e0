/** `app.mq` of a Fastify application: a producer, and the consumers that live with the app. */
import {
  type ClientOptions,
  type Logger,
  type MessageHandler,
  MqError,
  MqErrorCode,
  Producer,
  type ProducerOptions,
  PushConsumer,
  type PushConsumerOptions,
  type RunOptions,
} from '@skylarkmq/client';

/** A consumer of the application: a push consumer's options, without what the plugin was given. */
export interface ConsumeOptions extends Omit<PushConsumerOptions, 'namesrv'> {
  /** Default: the plugin's. */
  readonly namesrv?: ClientOptions['namesrv'];
  /** Handlers at a time, 1 to 10,000. Default 20. */
  readonly concurrency?: RunOptions['concurrency'];
}

/** What {@link SkylarkMq} is made of. */
export interface SkylarkMqDeps {
  /** What all clients have in common. */
  readonly client: ClientOptions & { readonly logger: Logger };
  readonly producer: Omit<ProducerOptions, keyof ClientOptions>;
}

interface Planned {
  readonly consumer: PushConsumer;
  readonly handler: MessageHandler;
  readonly run: RunOptions;
}

/** Consumers of one application at most. */
const CONSUMERS_MAX = 256;

/** See the head of this file. */
export class SkylarkMq {
  /** Connects with its first send; closed after the last request was answered. */
  readonly producer: Producer;
  readonly #deps: SkylarkMqDeps;
  readonly #planned: Planned[] = [];
  readonly #runs: Promise<void>[] = [];
  #state: 'preparing' | 'ready' | 'closed' = 'preparing';

  constructor(deps: SkylarkMqDeps) {
    this.#deps = deps;
    this.producer = new Producer({ ...deps.client, ...deps.producer });
  }

  /**
   * Handles messages while the application runs: returning acknowledges, throwing has the message
   * delivered again. Before the application is ready this only registers, and the consumer starts
   * with it; later it resolves when the consumer has started. The consumer is closed, and its
   * handlers are waited for, before the server closes.
   */
  async consume(options: ConsumeOptions, handler: MessageHandler): Promise<PushConsumer> {
    if (this.#state === 'closed') {
      throw new MqError(MqErrorCode.Closed, 'The application is closed: it consumes no more');
    }
    if (this.#planned.length >= CONSUMERS_MAX) {
      const text = `An application has ${CONSUMERS_MAX} consumers at most`;
      throw new MqError(MqErrorCode.InvalidArgument, text);
    }
    const { concurrency, ...rest } = options;
    const consumer = new PushConsumer({ ...this.#deps.client, ...rest });
    const planned = { consumer, handler, run: concurrency === undefined ? {} : { concurrency } };
    this.#planned.push(planned);
    if (this.#state === 'ready') await this.#start(planned);
    return consumer;
  }

  /** Starts what was registered; the plugin calls it. */
  async ready(): Promise<void> {
    this.#state = 'ready';
    await Promise.all(this.#planned.map((planned) => this.#start(planned)));
  }

  /** Ends all consumers, and waits for their handlers; the plugin calls it. */
  async drain(): Promise<void> {
    this.#state = 'closed';
    await Promise.all(this.#planned.map(({ consumer }) => consumer.close()));
    await Promise.all(this.#runs);
  }

  async #start({ consumer, handler, run }: Planned): Promise<void> {
    await consumer.start();
    const running = consumer.run(handler, run).catch((thrown: unknown) => {
      const error = MqError.from(thrown);
      this.#deps.client.logger.error({ error, group: consumer.group }, 'A consumer has ended');
    });
    this.#runs.push(running);
  }
}
