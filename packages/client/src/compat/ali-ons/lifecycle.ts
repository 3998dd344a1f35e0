import { EventEmitter } from 'node:events';
import { MqError } from '@skylarkmq/base';

/**
 * What producers and consumers of `ali-ons` have in common: they start by themselves, `ready` tells
 * when, and what fails in the background is an `error` event. Without a listener it is a warning of
 * the process.
 */
export class Lifecycle extends EventEmitter {
  readonly #started: Promise<void>;
  #ready = false;

  /** `start` runs after the constructors, once. */
  constructor(start: () => Promise<void>) {
    super();
    this.on('error', (error: unknown) => this.#unheard(error));
    let awaited = false;
    const started = Promise.resolve().then(start);
    this.#started = started.then(() => {
      this.#ready = true;
    });
    this.#started.catch((thrown: unknown) => {
      if (!awaited) this.emit('error', thrown);
    });
    this.ready = (callback?: (error?: Error) => void): Promise<void> => {
      awaited = true;
      if (callback !== undefined) {
        this.#started.then(
          () => callback(),
          (thrown: unknown) => callback(MqError.from(thrown)),
        );
      }
      return this.#started;
    };
  }

  /** Resolves when it works, rejects when it could not start; or calls back. */
  readonly ready: (callback?: (error?: Error) => void) => Promise<void>;

  /** Whether it has started. */
  get isReady(): boolean {
    return this.#ready;
  }

  #unheard(thrown: unknown): void {
    if (this.listenerCount('error') > 1) return;
    process.emitWarning(MqError.from(thrown));
  }
}
