/** Which groups pop and which pull, kept in Apache's config/messageRequestMode.json. */
import {
  type JsonFile,
  type JsonValue,
  type Logger,
  MqError,
  MqErrorCode,
  type Scheduler,
} from '@skylarkmq/base';
import {
  decodeMessageRequestSettings,
  type MessageRequestSetting,
  type MessageRequestSettings,
  messageRequestSettingsJson,
} from '@skylarkmq/wire';
import { TableFile } from '../persistence/table-file.ts';

/** Pairs of topic and group that are kept at most. */
const SETTINGS_MAX = 200_000;
const SAVE_MS = 5000;

export interface MessageRequestModesDeps {
  /** Null keeps them in memory only. */
  readonly file: JsonFile | null;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

export class MessageRequestModes {
  readonly #deps: MessageRequestModesDeps;
  readonly #file: TableFile;
  readonly #topics = new Map<string, Map<string, MessageRequestSetting>>();
  #size = 0;

  constructor(deps: MessageRequestModesDeps) {
    this.#deps = deps;
    this.#file = new TableFile({
      ...deps,
      content: () => messageRequestSettingsJson(this.#topics),
      periodMs: () => SAVE_MS,
    });
  }

  /** Reads the file, if there is one. CORRUPT when it has not the form of Apache's. */
  load(): void {
    const value: JsonValue | undefined = this.#deps.file?.load();
    if (value === undefined) return;
    for (const setting of decodeMessageRequestSettings(value)) this.#put(setting);
  }

  get(topic: string, group: string): MessageRequestSetting | undefined {
    return this.#topics.get(topic)?.get(group);
  }

  all(): MessageRequestSettings {
    return this.#topics;
  }

  /** Resolves when it is on disk. BUSY at the limit of settings. */
  set(setting: MessageRequestSetting): Promise<void> {
    this.#put(setting);
    this.#file.changed();
    return this.#file.saved();
  }

  close(): void {
    this.#file.close();
  }

  #put(setting: MessageRequestSetting): void {
    const { topic, consumerGroup } = setting;
    let groups = this.#topics.get(topic);
    if (groups === undefined) {
      groups = new Map();
      this.#topics.set(topic, groups);
    }
    if (!groups.has(consumerGroup)) {
      if (this.#size >= SETTINGS_MAX) {
        const reason = `The broker has all its ${SETTINGS_MAX} settings of how groups read topics`;
        throw new MqError(MqErrorCode.Busy, reason);
      }
      this.#size++;
    }
    groups.set(consumerGroup, setting);
  }
}
