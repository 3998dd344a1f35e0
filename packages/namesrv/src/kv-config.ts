/** The key-value configuration of a name server, kept in Apache's kvConfig.json. */
import {
  type FileSystem,
  JsonFile,
  jsonObjectOr,
  jsonString,
  type Logger,
  MqError,
  MqErrorCode,
} from '@skylarkmq/base';

export const ORDER_TOPIC_NAMESPACE = 'ORDER_TOPIC_CONFIG';
/** Pairs and characters (of names, keys and values) beyond these are refused. */
const PAIRS_MAX = 100_000;
const TEXT_LENGTH_MAX = 16 * 1024 * 1024;

export class KvConfig {
  readonly #file: JsonFile | undefined;
  readonly #namespaces = new Map<string, Map<string, string>>();
  #pairs = 0;
  #textLength = 0;

  /** Without a path nothing is kept on disk. */
  constructor(fileSystem: FileSystem, path: string | undefined, logger: Logger) {
    this.#file = path === undefined ? undefined : new JsonFile(fileSystem, path, logger);
    const loaded = jsonObjectOr(this.#file?.load(), 'kvConfig');
    for (const [namespace, pairs] of jsonObjectOr(loaded.get('configTable'), 'configTable')) {
      for (const [key, value] of jsonObjectOr(pairs, namespace)) {
        this.#set(namespace, key, jsonString(value, key));
      }
    }
  }

  get(namespace: string, key: string): string | undefined {
    return this.#namespaces.get(namespace)?.get(key);
  }

  list(namespace: string): ReadonlyMap<string, string> | undefined {
    return this.#namespaces.get(namespace);
  }

  put(namespace: string, key: string, value: string): void {
    const old = this.get(namespace, key);
    const isFull = old === undefined && this.#pairs >= PAIRS_MAX;
    const grows = value.length - (old?.length ?? -namespace.length - key.length);
    if (isFull || this.#textLength + grows > TEXT_LENGTH_MAX) {
      const limits = `${PAIRS_MAX} pairs and ${TEXT_LENGTH_MAX} characters`;
      throw new MqError(MqErrorCode.Busy, `The configuration holds at most ${limits}`);
    }
    this.#set(namespace, key, value);
    this.#save();
  }

  delete(namespace: string, key: string): void {
    const old = this.get(namespace, key);
    if (old === undefined) return;
    this.#namespaces.get(namespace)?.delete(key);
    this.#pairs--;
    this.#textLength -= namespace.length + key.length + old.length;
    this.#save();
  }

  #set(namespace: string, key: string, value: string): void {
    const pairs = this.#namespaces.get(namespace) ?? new Map<string, string>();
    const old = pairs.get(key);
    if (old === undefined) this.#pairs++;
    this.#textLength += value.length - (old?.length ?? -namespace.length - key.length);
    pairs.set(key, value);
    this.#namespaces.set(namespace, pairs);
  }

  #save(): void {
    this.#file?.save({ configTable: this.#namespaces });
  }
}
