/**
 * `abort`: exists while a broker has the store open; what is left of it tells of a crash. Apache
 * writes its pid; Skylark writes its own with a line feed behind it, which Apache does not mind and
 * which tells whose crash it was.
 */
import type { StoreOptions } from '../store-options.ts';

const NAME = 'abort';
const LINE_FEED = 0x0a;
const BYTES_MAX = 64;

/** Nobody crashed, Skylark did, or somebody else. */
export type AbortFile = 'none' | 'own' | 'foreign';

export function abortPath(options: StoreOptions): string {
  return `${options.directory}/${NAME}`;
}

/** What the file says about the last user of the store. */
export function abortFile(options: StoreOptions): AbortFile {
  const path = abortPath(options);
  if (!options.fileSystem.exists(path)) return 'none';
  const bytes = Buffer.alloc(BYTES_MAX);
  const handle = options.fileSystem.open(path, 'r');
  try {
    const read = handle.readSync(bytes, 0, bytes.length, 0);
    return read > 0 && bytes[read - 1] === LINE_FEED ? 'own' : 'foreign';
  } finally {
    handle.close();
  }
}

/** Marks the store as open, durably. */
export function writeAbort(options: StoreOptions): void {
  const { fileSystem, directory, processId = 0 } = options;
  const handle = fileSystem.open(abortPath(options), 'create');
  try {
    const bytes = Buffer.from(`${processId}\n`);
    handle.writeSync(bytes, 0, bytes.length, 0);
    handle.truncate(bytes.length);
    handle.syncDataSync();
  } finally {
    handle.close();
  }
  fileSystem.syncDirectory(directory);
}
