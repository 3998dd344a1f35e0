/** SIGTERM and SIGINT end a command in order; a second one at once. */
import type { Running } from './command.ts';

/** The part of `process` that this needs. */
interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

export interface StopDeps {
  readonly source: SignalSource;
  /** Ends the process. */
  readonly exit: (code: number) => void;
  /** Says why closing failed. */
  readonly failed: (error: unknown) => void;
}

const SIGNALS = { SIGTERM: 15, SIGINT: 2 } as const;

/**
 * Listens for the signals. A signal that comes while the command still starts is obeyed as soon
 * as it has started, so that nothing is left half open.
 */
export class StopSignals {
  readonly #deps: StopDeps;
  #running: Running | undefined;
  #stopping = false;

  constructor(deps: StopDeps) {
    this.#deps = deps;
    deps.source.on('SIGTERM', () => this.#signalled('SIGTERM'));
    deps.source.on('SIGINT', () => this.#signalled('SIGINT'));
  }

  /** Whether a signal came. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** What is to be closed. */
  started(running: Running): void {
    this.#running = running;
    if (this.#stopping) this.#close(running);
  }

  #signalled(signal: keyof typeof SIGNALS): void {
    if (this.#stopping) {
      this.#deps.exit(128 + SIGNALS[signal]);
      return;
    }
    this.#stopping = true;
    if (this.#running !== undefined) this.#close(this.#running);
  }

  #close(running: Running): void {
    running.close().then(
      () => this.#deps.exit(0),
      (error) => {
        this.#deps.failed(error);
        this.#deps.exit(1);
      },
    );
  }
}
