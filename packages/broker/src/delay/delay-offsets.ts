/** How far each delay level is delivered, kept in Apache's config/delayOffset.json. */
import {
  type Clock,
  type JsonFile,
  type JsonInputObject,
  jsonNumber,
  jsonObjectOr,
} from '@skylarkmq/base';
import {
  type DataVersion,
  dataVersionJson,
  decodeDataVersion,
  NO_VERSION,
  nextVersion,
} from '@skylarkmq/wire';

export interface DelayOffsetsDeps {
  /** Null keeps them in memory only. */
  readonly file: JsonFile | null;
  readonly clock: Clock;
}

export class DelayOffsets {
  readonly #deps: DelayOffsetsDeps;
  readonly #offsets = new Map<number, number>();
  #dataVersion: DataVersion = NO_VERSION;
  #isDirty = false;

  constructor(deps: DelayOffsetsDeps) {
    this.#deps = deps;
  }

  /** Reads the file, if there is one. CORRUPT when it has not the form of Apache's. */
  load(): void {
    const root = jsonObjectOr(this.#deps.file?.load(), 'delayOffset');
    for (const [level, offset] of jsonObjectOr(root.get('offsetTable'), 'offsetTable')) {
      this.#offsets.set(Number(level), jsonNumber(offset, `level ${level}`));
    }
    this.#dataVersion = decodeDataVersion(root.get('dataVersion'));
  }

  /** The next offset to deliver of a level's queue; 0 for a level that never was. */
  get(level: number): number {
    return this.#offsets.get(level) ?? 0;
  }

  set(level: number, offset: number): void {
    if (this.#offsets.get(level) === offset) return;
    this.#offsets.set(level, offset);
    this.#isDirty = true;
  }

  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** The content of the file, and the body of GET_ALL_DELAY_OFFSET. */
  json(): JsonInputObject {
    return { dataVersion: dataVersionJson(this.#dataVersion), offsetTable: this.#offsets };
  }

  /** What `save` may write once all that was delivered so far is durable. */
  snapshot(): ReadonlyMap<number, number> {
    return new Map(this.#offsets);
  }

  /** Writes a snapshot; throws what the disk says. */
  save(snapshot: ReadonlyMap<number, number>): void {
    this.#dataVersion = nextVersion(this.#dataVersion, this.#deps.clock.nowMs());
    const dataVersion = dataVersionJson(this.#dataVersion);
    this.#deps.file?.save({ dataVersion, offsetTable: snapshot });
    const isCurrent = [...this.#offsets].every(([level, at]) => snapshot.get(level) === at);
    this.#isDirty = !isCurrent;
  }
}
