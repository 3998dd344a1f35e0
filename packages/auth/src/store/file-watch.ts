/** Notices that somebody else changed a file, or made or removed one. */
import type { FileSystem, Scheduler, Timer } from '@skylarkmq/base';

const PERIOD_MS = 1000;

export interface FileWatchDeps {
  readonly fileSystem: FileSystem;
  /** The files that there are now. */
  paths(): readonly string[];
  readonly scheduler: Scheduler;
}

export class FileWatch {
  readonly #deps: FileWatchDeps;
  readonly #changed: () => void;
  #mark = '';
  #timer: Timer | undefined;

  constructor(deps: FileWatchDeps, changed: () => void) {
    this.#deps = deps;
    this.#changed = changed;
  }

  start(): void {
    this.seen();
    this.#timer = this.#deps.scheduler.every(PERIOD_MS, () => this.look());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** The files as they are now are known. */
  seen(): void {
    this.#mark = this.#markNow();
  }

  /** Looks now; whether there was a change. */
  look(): boolean {
    const mark = this.#markNow();
    if (mark === this.#mark) return false;
    this.#mark = mark;
    this.#changed();
    return true;
  }

  #markNow(): string {
    const { fileSystem, paths } = this.#deps;
    const marks = paths().map((path) => {
      const stat = fileSystem.stat(path);
      if (stat === undefined) return '';
      return `${path} ${stat.modifiedMs} ${stat.size} ${stat.inode ?? 0}`;
    });
    return marks.join('\n');
  }
}
