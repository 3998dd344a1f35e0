/**
 * The broker's settings while it runs: read by everybody, changed by UPDATE_BROKER_CONFIG within an
 * allow list, shown by GET_BROKER_CONFIG, kept in the configuration file when there is one.
 */
import { type Clock, type ConfigFile, type Logger, unknownKeyText } from '@skylarkmq/base';
import { type DataVersion, NO_VERSION, nextVersion } from '@skylarkmq/wire';
import { type BrokerSettings, DEFAULT_SETTINGS } from '../settings.ts';
import { AUTH_CONFIG_KEYS } from './auth-config-keys.ts';
import { checkValue } from './config-value.ts';
import { KNOWN_KEYS, nearestKey, SHOWN_KEYS } from './known-keys.ts';
import { isUsedKey } from './parse-broker-config.ts';

export interface LiveSettingsOptions {
  /** What differs from the defaults. */
  readonly settings?: Partial<BrokerSettings> | undefined;
  /** All pairs of the configuration file, for those that are shown but not used. */
  readonly configured?: ReadonlyMap<string, string> | undefined;
  /** Effective values of what cannot change: names, ports, paths. Asked whenever it is shown. */
  readonly fixed: () => ReadonlyMap<string, string>;
  /** Where changes are kept; none by default. */
  readonly file?: ConfigFile | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Why a change is refused. Nothing is changed then. */
export interface RefusedChange {
  /** 'forbidden': must never be changed by a request; 'invalid': cannot be, or not to this. */
  readonly kind: 'forbidden' | 'invalid';
  readonly reason: string;
}

export type SettingsListener = (settings: BrokerSettings, previous: BrokerSettings) => void;

/** Paths, and what decides who may change what. Apache's own list, and ours. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'brokerConfigPath',
  'rocketmqHome',
  'configBlackList',
  'adminFromAnywhere',
  'aclEnable',
  ...Object.keys(AUTH_CONFIG_KEYS),
]);

/** Read once, when the broker starts. */
const READ_AT_START: ReadonlySet<string> = new Set([
  'clusterTopicEnable',
  'brokerTopicEnable',
  'traceTopicEnable',
  'msgTraceTopicName',
  'enableConsumeQueueExt',
  'enableCalcFilterBitMap',
  'expectConsumerNumUseFilter',
  'maxErrorRateOfBloomFilter',
]);

const PAIRS_MAX = 1000;

export class LiveSettings {
  readonly #options: LiveSettingsOptions;
  readonly #listeners = new Set<SettingsListener>();
  readonly #configured: Map<string, string>;
  #settings: BrokerSettings;
  #version: DataVersion = NO_VERSION;

  constructor(options: LiveSettingsOptions) {
    this.#options = options;
    this.#configured = new Map(options.configured);
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
  }

  /** The settings now. Always complete; a change makes a new object. */
  get(): BrokerSettings {
    return this.#settings;
  }

  /** Changes whenever the settings do. */
  get version(): DataVersion {
    return this.#version;
  }

  /**
   * Applies all pairs or none. Undefined when they are applied (and in the file, when there is
   * one); SYSTEM when the file cannot be written.
   */
  change(pairs: ReadonlyMap<string, string>): RefusedChange | undefined {
    let next = this.#settings;
    for (const [key, text] of pairs) {
      const refused = this.#refusal(key, pairs.size);
      if (refused !== undefined) return refused;
      const checked = checkValue(key, KNOWN_KEYS.get(key)?.type ?? 'text', text);
      if ('problem' in checked) return { kind: 'invalid', reason: checked.problem };
      if (Object.hasOwn(next, key)) next = { ...next, [key]: checked.value };
    }
    const trimmed = new Map([...pairs].map(([key, text]) => [key, text.trim()]));
    this.#options.file?.update(trimmed);
    for (const [key, text] of trimmed) this.#configured.set(key, text);
    const previous = this.#settings;
    this.#settings = next;
    this.#version = nextVersion(this.#version, this.#options.clock.nowMs());
    this.#options.logger.info({ keys: [...pairs.keys()] }, 'Settings changed');
    for (const listener of this.#listeners) listener(next, previous);
    return undefined;
  }

  /** Every key with its effective value; keys without a value are left out. */
  dump(): Map<string, string> {
    const shown = new Map<string, string>();
    const fixed = this.#options.fixed();
    const settings = new Map<string, unknown>(Object.entries(this.#settings));
    for (const [key, { defaultValue }] of SHOWN_KEYS) {
      const current = settings.get(key) ?? fixed.get(key) ?? this.#configured.get(key);
      const value = current === undefined ? defaultValue : String(current);
      if (value !== null) shown.set(key, value);
    }
    return shown;
  }

  /** Calls the listener after each change; returns what removes it. */
  onChange(listener: SettingsListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #refusal(key: string, pairs: number): RefusedChange | undefined {
    const blackList = this.#settings.configBlackList.split(';').map((one) => one.trim());
    if (FORBIDDEN.has(key) || blackList.includes(key)) {
      return { kind: 'forbidden', reason: 'Can not update config in black list.' };
    }
    if (pairs > PAIRS_MAX) {
      return { kind: 'invalid', reason: `${pairs} keys at once are over ${PAIRS_MAX}` };
    }
    if (!KNOWN_KEYS.has(key)) {
      return { kind: 'invalid', reason: unknownKeyText(key, nearestKey(key)) };
    }
    const isLive = Object.hasOwn(DEFAULT_SETTINGS, key) && !READ_AT_START.has(key);
    if (isLive || !isUsedKey(key)) return undefined;
    const cure = 'change it in the configuration file and start the broker again';
    return { kind: 'invalid', reason: `${key} cannot be changed while the broker runs: ${cure}` };
  }
}
