/** A broker as its owner sees it. How it is built: running-parts.ts. */
import { MqError } from '@skylarkmq/base';
import type { RecoveryReport } from '@skylarkmq/store';
import type { BrokerOptions } from './broker-options.ts';
import type { BrokerView } from './broker-view.ts';
import { killParts, type RunningParts, startParts, stopParts } from './running-parts.ts';

export class Broker {
  /** The real port, also where 0 was asked for. */
  readonly port: number;
  /** The second port. */
  readonly fastPort: number;
  /** "ip:port" that clients are told. */
  readonly address: string;
  /** What opening the store found and did. */
  readonly recovery: RecoveryReport;
  /** What it keeps, for embedders that want to look. */
  readonly view: BrokerView;
  readonly #running: RunningParts;
  #closing: Promise<void> | undefined;

  private constructor(running: RunningParts) {
    this.port = running.ports.port;
    this.fastPort = running.ports.fastPort ?? 0;
    this.address = running.identity.address;
    this.recovery = running.store.recovery;
    this.view = { store: running.store, ...running.tables };
    this.#running = running;
  }

  /**
   * Opens the store, listens, registers at the name servers; resolves when messages can be sent.
   * LOCKED for a store that another process has open, SYSTEM for a port in use or a directory that
   * cannot be written, CORRUPT for configuration files that are none.
   */
  static async start(options: BrokerOptions): Promise<Broker> {
    const undo: (() => unknown)[] = [];
    try {
      return new Broker(await startParts(options, undo));
    } catch (error) {
      for (const step of undo.reverse()) await step();
      throw MqError.from(error);
    }
  }

  /** Leaves the name servers, answers what waits, makes everything durable, and ends. */
  close(): Promise<void> {
    this.#closing ??= stopParts(this.#running);
    return this.#closing;
  }

  /**
   * Ends as a killed process would, for tests: connections are cut at once and nobody is told. What
   * the parts still write while they end must be dropped by the file system that was given.
   */
  kill(): Promise<void> {
    this.#closing ??= killParts(this.#running);
    return this.#closing;
  }
}
