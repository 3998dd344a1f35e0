import { type Logger, MqError } from '@skylarkmq/base';

/** What was started, closed in the opposite order; one that fails does not keep the others open. */
export class Closers {
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** Throws the first error when all are closed. */
  async close(): Promise<void> {
    const error = await this.abandon();
    if (error !== undefined) throw error;
  }

  /** The same for a start that failed: errors are logged; the first one is the result. */
  async abandon(): Promise<MqError | undefined> {
    let first: MqError | undefined;
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        first ??= MqError.from(error);
        this.#logger.error({ error }, 'Closing failed');
      }
    }
    return first;
  }
}
