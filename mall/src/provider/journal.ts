/**
 * A file of JSON lines that only grows: the provider's storage. What was written is there after a
 * kill; a last line that was cut off in the middle is dropped, any other broken line is an error.
 */
import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Where lines go. */
export interface Journal {
  /** Resolves when the lines are on the disk; in the order of the calls. */
  append(lines: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a journal: gives every value that it has to `load`, then rewrites it with the lines that
 * `compact` returns, so that it does not grow over restarts.
 */
export type JournalOpener = (
  load: (value: unknown) => void,
  compact: () => readonly unknown[],
) => Promise<Journal>;

/** A journal that keeps nothing, for tests and demonstrations in memory. */
export async function memoryJournal(): Promise<Journal> {
  return { append: async () => {}, close: async () => {} };
}

/** A journal in a file. */
export function fileJournal(path: string): JournalOpener {
  return (load, compact) => openFile(path, load, compact);
}

async function openFile(
  path: string,
  load: (value: unknown) => void,
  compact: () => readonly unknown[],
): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true });
  for (const value of parseLines(await readIfThere(path), path)) load(value);
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w');
  try {
    await file.appendFile(toLines(compact()));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  return new FileJournal(await open(path, 'a'));
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return '';
    throw thrown;
  }
}

function parseLines(text: string, path: string): unknown[] {
  const lines = text.split('\n');
  // What follows the last line feed was never finished, so nobody was told that it is stored.
  lines.pop();
  return lines.map((line, index) => {
    try {
      return JSON.parse(line);
    } catch (cause) {
      throw new Error(`Line ${index + 1} of ${path} is no JSON: the file is damaged`, { cause });
    }
  });
}

function toLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

/** Everything that comes in while a write is under way goes out with the next one. */
class FileJournal implements Journal {
  readonly #file: FileHandle;
  #waiting = '';
  #next: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(file: FileHandle) {
    this.#file = file;
  }

  append(lines: readonly unknown[]): Promise<void> {
    this.#waiting += toLines(lines);
    this.#next ??= this.#running.then(() => this.#write());
    return this.#next;
  }

  async close(): Promise<void> {
    await this.#next;
    await this.#running;
    await this.#file.close();
  }

  /** A failed write is final for all that follow: `#running` stays rejected. */
  #write(): Promise<void> {
    const text = this.#waiting;
    this.#waiting = '';
    this.#next = undefined;
    this.#running = this.#file.appendFile(text).then(() => this.#file.datasync());
    return this.#running;
  }
}
