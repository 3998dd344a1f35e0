/**
 * A table of the broker on disk (config/topics.json and the like): remembers that it changed and
 * writes it soon, once for everybody who waits. It must not know what the table holds.
 */
import type { JsonFile, JsonInput, Logger, Scheduler, Timer } from '@skylarkmq/base';
import { MqError } from '@skylarkmq/base';

export interface TableFileDeps {
  /** Null keeps the table in memory only. */
  readonly file: JsonFile | null;
  /** The whole table, or its text, asked when it is written. */
  content(): JsonInput | string;
  /** Milliseconds from a change until it is written, when nobody asks for more. */
  periodMs(): number;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

export class TableFile {
  readonly #deps: TableFileDeps;
  #isDirty = false;
  #timer: Timer | undefined;
  #saving: Promise<void> | undefined;
  /** What is being written while other work goes on. */
  #later: Promise<void> | undefined;
  #isClosed = false;

  constructor(deps: TableFileDeps) {
    this.#deps = deps;
  }

  /** The table changed; it is written within the period. */
  changed(): void {
    this.#isDirty = true;
    if (this.#timer !== undefined || this.#isClosed || this.#deps.file === null) return;
    this.#timer = this.#deps.scheduler.after(this.#deps.periodMs(), () => {
      this.#timer = undefined;
      this.saveLater().catch((error: unknown) => this.#failed(error));
    });
  }

  /** Resolves when all changes up to now are on disk; SYSTEM when the disk refuses. */
  saved(): Promise<void> {
    if (this.#deps.file === null) return Promise.resolve();
    if (!this.#isDirty) return this.#later ?? Promise.resolve();
    this.#saving ??= new Promise((resolve, reject) => {
      // Whoever changes the table in this turn of the event loop shares the write.
      this.#deps.scheduler.immediate(() => {
        this.#saving = undefined;
        try {
          this.save();
          resolve();
        } catch (error) {
          reject(MqError.from(error));
        }
      });
    });
    return this.#saving;
  }

  /** Writes now if something changed; throws what the disk says. */
  save(): void {
    // What is being written counts as a change: it may not be on disk yet.
    if (!this.#isDirty && this.#later === undefined) return;
    this.#deps.file?.save(this.#deps.content());
    this.#clean();
  }

  /** Writes what changed while other work goes on; rejects with what the disk says. */
  async saveLater(): Promise<void> {
    // Who waits for the one under way hears of its failure.
    while (this.#later !== undefined) await Promise.allSettled([this.#later]);
    const { file, content } = this.#deps;
    if (!this.#isDirty || file === null) return;
    this.#clean();
    const later = file.saveLater(content());
    this.#later = later;
    try {
      await later;
    } catch (error) {
      this.#isDirty = true;
      throw error;
    } finally {
      this.#later = undefined;
    }
  }

  /** Writes what changed; later changes are written by `save` and `saved` only. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#trySave();
  }

  #clean(): void {
    this.#isDirty = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #trySave(): void {
    try {
      this.save();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const path = this.#deps.file?.path;
    this.#deps.logger.error({ path, error }, 'A table cannot be written; it is tried again');
    this.changed();
  }
}
