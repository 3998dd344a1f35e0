import { updateJavaProperties } from '../config/java-properties.ts';
import type { FileSystem } from './file-system.ts';
import { JsonFile } from './json-file.ts';

/** The configuration file of a running server: values change, comments and order stay. */
export class ConfigFile {
  readonly path: string;
  readonly #fileSystem: FileSystem;

  constructor(fileSystem: FileSystem, path: string) {
    this.#fileSystem = fileSystem;
    this.path = path;
  }

  /** Sets the values, durably; the old content stays beside it as `.bak`. */
  update(changes: ReadonlyMap<string, string>): void {
    const file = new JsonFile(this.#fileSystem, this.path);
    file.save(updateJavaProperties(this.#read(), changes));
  }

  #read(): string {
    if (!this.#fileSystem.exists(this.path)) return '';
    const handle = this.#fileSystem.open(this.path, 'r');
    try {
      const bytes = Buffer.alloc(handle.size());
      const count = handle.readSync(bytes, 0, bytes.length, 0);
      return bytes.toString('utf8', 0, count);
    } finally {
      handle.close();
    }
  }
}
