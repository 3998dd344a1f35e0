/**
 * A JSON configuration file in Apache's manner: `X` and the previous content in `X.bak`. Source of
 * the dance: store.md section 2 of the format notes (docs/formats/config-json.md).
 */
import { type JsonInput, type JsonValue, parseFastjson, stringifyJson } from '../json/fastjson.ts';
import { type Logger, silentLogger } from '../log/logger.ts';
import type { FileSystem } from './file-system.ts';

/** Configuration files beyond this are refused: something else was put there. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** One file with its `.bak` twin. A save that is cut anywhere leaves the old or the new content. */
export class JsonFile {
  readonly path: string;
  readonly #fileSystem: FileSystem;
  readonly #logger: Logger;

  constructor(fileSystem: FileSystem, path: string, logger: Logger = silentLogger) {
    this.#fileSystem = fileSystem;
    this.path = path;
    this.#logger = logger;
  }

  /** The content; of `.bak` when the file is missing or broken; undefined when neither is there. */
  load(): JsonValue | undefined {
    return this.#loadOne(this.path) ?? this.#loadOne(`${this.path}.bak`);
  }

  /** Writes a value (pretty, as fastjson would) or a ready text; durable when it returns. */
  save(content: JsonInput | string): void {
    const pretty = { pretty: true, unquotedIntegerKeys: true };
    const text = typeof content === 'string' ? content : stringifyJson(content, pretty);
    const fresh = `${this.path}.tmp`;
    const directory = this.path.slice(0, this.path.lastIndexOf('/')) || '/';
    this.#fileSystem.makeDirectory(directory);
    this.#write(fresh, Buffer.from(text, 'utf8'));
    if (this.#fileSystem.exists(this.path)) {
      this.#fileSystem.rename(this.path, `${this.path}.bak`);
    }
    this.#fileSystem.rename(fresh, this.path);
    this.#fileSystem.syncDirectory(directory);
  }

  #write(path: string, bytes: Buffer): void {
    this.#fileSystem.remove(path);
    const handle = this.#fileSystem.open(path, 'create');
    try {
      handle.writeSync(bytes, 0, bytes.length, 0);
      handle.syncDataSync();
    } finally {
      handle.close();
    }
  }

  #loadOne(path: string): JsonValue | undefined {
    const size = this.#fileSystem.stat(path)?.size ?? 0;
    if (size === 0) return undefined;
    if (size > FILE_BYTES_MAX) {
      this.#logger.warn({ path, size, max: FILE_BYTES_MAX }, 'Configuration file is too large');
      return undefined;
    }
    const handle = this.#fileSystem.open(path, 'r');
    try {
      const bytes = Buffer.alloc(size);
      const count = handle.readSync(bytes, 0, size, 0);
      return parseFastjson(bytes.toString('utf8', 0, count));
    } catch (error) {
      this.#logger.warn({ path, error }, 'Configuration file is not readable, using its backup');
      return undefined;
    } finally {
      handle.close();
    }
  }
}
