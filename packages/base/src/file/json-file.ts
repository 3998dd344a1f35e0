/**
 * A JSON configuration file in Apache's manner: `X` and the previous content in `X.bak`. Source of
 * the dance: store.md section 2 of the format notes (docs/formats/config-json.md).
 */
import { MqError, MqErrorCode } from '../error.ts';
import { type JsonInput, type JsonValue, parseFastjson, stringifyJson } from '../json/fastjson.ts';
import { type Logger, silentLogger } from '../log/logger.ts';
import type { FileHandle, FileSystem } from './file-system.ts';

/** Configuration files beyond this are refused: something else was put there. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** One file with its `.bak` twin. A save that is cut anywhere leaves the old or the new content. */
export class JsonFile {
  readonly path: string;
  readonly #fileSystem: FileSystem;
  readonly #logger: Logger;
  /** Saves that began. */
  #saves = 0;

  constructor(fileSystem: FileSystem, path: string, logger: Logger = silentLogger) {
    this.#fileSystem = fileSystem;
    this.path = path;
    this.#logger = logger;
  }

  /**
   * The content; of `.bak` when the file is missing, empty or broken; undefined when neither is
   * there. CORRUPT when there is something but nothing that can be read: what it held would be
   * lost with the next save.
   */
  load(): JsonValue | undefined {
    const backup = `${this.path}.bak`;
    const problems: string[] = [];
    const content = this.#loadOne(this.path, problems) ?? this.#loadOne(backup, problems);
    if (content !== undefined || problems.length === 0) return content;
    const cure = 'restore one of them, or move both away to begin without what they held';
    const why = problems.join('; ');
    const message = `Neither ${this.path} nor its .bak can be read (${why}): ${cure}`;
    throw new MqError(MqErrorCode.Corrupt, message);
  }

  /** Writes a value (pretty, as fastjson would) or a ready text; durable when it returns. */
  save(content: JsonInput | string): void {
    this.#saves++;
    const fresh = `${this.path}.tmp`;
    const handle = this.#create(fresh);
    try {
      const bytes = bytesOf(content);
      handle.writeSync(bytes, 0, bytes.length, 0);
      handle.syncDataSync();
    } finally {
      handle.close();
    }
    this.#replaceBy(fresh);
    this.#fileSystem.syncDirectory(this.#directory);
  }

  /**
   * The same while other work goes on, durable when it resolves: a disk that takes long to confirm
   * keeps nobody from being answered. The content is that of the call. When something newer is
   * saved in the meantime, that is what stays. Not more than one at a time.
   */
  async saveLater(content: JsonInput | string): Promise<void> {
    const number = ++this.#saves;
    const fresh = `${this.path}.next`;
    const handle = this.#create(fresh);
    try {
      const bytes = bytesOf(content);
      await handle.write(bytes, 0, bytes.length, 0);
      await handle.syncData();
    } finally {
      handle.close();
    }
    if (number !== this.#saves) {
      this.#fileSystem.remove(fresh);
      return;
    }
    this.#replaceBy(fresh);
    await this.#fileSystem.syncDirectoryLater(this.#directory);
  }

  get #directory(): string {
    return this.path.slice(0, this.path.lastIndexOf('/')) || '/';
  }

  #create(path: string): FileHandle {
    this.#fileSystem.makeDirectory(this.#directory);
    this.#fileSystem.remove(path);
    return this.#fileSystem.open(path, 'create');
  }

  #replaceBy(fresh: string): void {
    if (this.#fileSystem.exists(this.path)) {
      this.#fileSystem.rename(this.path, `${this.path}.bak`);
    }
    this.#fileSystem.rename(fresh, this.path);
  }

  #loadOne(path: string, problems: string[]): JsonValue | undefined {
    const size = this.#fileSystem.stat(path)?.size ?? 0;
    if (size === 0) return undefined;
    try {
      if (size > FILE_BYTES_MAX) throw new Error(`${size} bytes are over ${FILE_BYTES_MAX}`);
      return this.#read(path, size);
    } catch (error) {
      problems.push(MqError.from(error).message);
      this.#logger.warn({ path, error }, 'Configuration file is not readable');
      return undefined;
    }
  }

  #read(path: string, size: number): JsonValue {
    const handle = this.#fileSystem.open(path, 'r');
    try {
      const bytes = Buffer.alloc(size);
      const count = handle.readSync(bytes, 0, size, 0);
      return parseFastjson(bytes.toString('utf8', 0, count));
    } finally {
      handle.close();
    }
  }
}

function bytesOf(content: JsonInput | string): Buffer {
  const pretty = { pretty: true, javaKeys: true };
  return Buffer.from(
    typeof content === 'string' ? content : stringifyJson(content, pretty),
    'utf8',
  );
}
