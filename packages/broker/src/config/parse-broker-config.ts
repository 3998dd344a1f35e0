/**
 * Reads Apache's broker configuration (`broker.conf`) as it is. What the file does not say has
 * Apache's default, ASYNC_FLUSH among them. It knows the text only: no file, no environment.
 */
import { parseJavaProperties, unknownKeyText } from '@skylarkmq/base';
import { splitAddress } from '@skylarkmq/remoting';
import type { RetentionOptions } from '@skylarkmq/store';
import type { BrokerOptions } from '../broker-options.ts';
import { type BrokerSettings, DEFAULT_SETTINGS } from '../settings.ts';
import { applyAccessKey, type ConfiguredAccess, isAccessKey } from './access-config.ts';
import { checkValue } from './config-value.ts';
import { KNOWN_KEYS, nearestKey } from './known-keys.ts';
import { missingFeature } from './missing-features.ts';

/** The part of the options that a file can set; only what the file has is there. */
export type ConfiguredOptions = {
  -readonly [Name in ConfiguredName]?: NonNullable<BrokerOptions[Name]>;
};

type ConfiguredName =
  | 'directory'
  | 'commitLogDirectories'
  | 'host'
  | 'port'
  | 'advertisedHost'
  | 'brokerName'
  | 'brokerClusterName'
  | 'brokerId'
  | 'namesrvAddresses'
  | 'flush'
  | 'multiDispatch'
  | 'lightOffsetTable'
  | 'propertyCrc'
  | 'commitLogFileBytes'
  | 'consumeQueueFileBytes'
  | 'consumeQueueExtFileBytes'
  | 'timerLogFileBytes'
  | 'indexSlots'
  | 'indexEntries'
  | 'indexEnabled'
  | 'flushIntervalMs'
  | 'flushTimeoutMs'
  | 'retention'
  | 'limits'
  | 'settings'
  | 'configured';

export interface BrokerConfig {
  /** `settings` and `configured` are always there. */
  readonly options: ConfiguredOptions;
  /** Access control: paths are still those of the file. */
  readonly access: ConfiguredAccess;
  /** Keys that Apache knows and this broker has no use for, and ignored unknown ones, sorted. */
  readonly unused: readonly string[];
  /** Sentences that each are a reason not to start: bad values, missing features, unknown keys. */
  readonly problems: readonly string[];
}

export interface ParseConfigOptions {
  /** Whether unknown keys are `unused` instead of a problem. Default false. */
  readonly ignoreUnknown?: boolean;
}

/** INVALID_ARGUMENT when the text itself is malformed; all else is in `problems`. */
export function parseBrokerConfig(text: string, options: ParseConfigOptions = {}): BrokerConfig {
  const configured = parseJavaProperties(text);
  const target: Target = { options: {}, retention: {}, settings: {}, access: {}, problems: [] };
  const unused: string[] = [];
  for (const [key, value] of configured) {
    const known = KNOWN_KEYS.get(key);
    if (known === undefined) {
      if (options.ignoreUnknown) unused.push(key);
      else target.problems.push(unknownKeyText(key, nearestKey(key)));
      continue;
    }
    const checked = checkValue(key, known.type, value);
    if ('problem' in checked) target.problems.push(checked.problem);
    else if (!apply(target, key, checked.value)) unused.push(key);
  }
  const { retention, settings, problems } = target;
  const found = { ...target.options, configured, settings };
  if (Object.keys(retention).length > 0) found.retention = retention;
  const { access } = target;
  return { options: found, access, unused: unused.sort(), problems };
}

/** Whether a key decides something here. */
export function isUsedKey(key: string): boolean {
  return isAccessKey(key) || OPTION_KEYS.has(key) || Object.hasOwn(DEFAULT_SETTINGS, key);
}

/** What the keys of a file add up to, while it is read. */
interface Target {
  readonly options: ConfiguredOptions;
  readonly retention: { -readonly [Name in keyof RetentionOptions]: RetentionOptions[Name] };
  settings: Partial<BrokerSettings>;
  access: ConfiguredAccess;
  readonly problems: string[];
}

type Value = number | boolean | string;
type Setter = (target: Target, value: Value) => void;

/** False when the key has no use here. */
function apply(target: Target, key: string, value: Value): boolean {
  const missing = missingFeature(key, value);
  if (missing !== undefined) {
    target.problems.push(missing);
    return true;
  }
  if (Object.hasOwn(DEFAULT_SETTINGS, key)) {
    target.settings = { ...target.settings, [key]: value };
    return true;
  }
  if (isAccessKey(key)) {
    target.access = applyAccessKey(target.access, key, value, target.problems);
    return true;
  }
  const setter = OPTION_KEYS.get(key);
  setter?.(target, value);
  return setter !== undefined;
}

const OPTION_KEYS: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ['storePathRootDir', text((options, value) => (options.directory = value))],
  [
    'storePathCommitLog',
    text((options, value) => (options.commitLogDirectories = list(value, ','))),
  ],
  ['bindAddress', text((options, value) => (options.host = value))],
  ['brokerIP1', text((options, value) => (options.advertisedHost = value))],
  ['brokerName', text((options, value) => (options.brokerName = value))],
  ['brokerClusterName', text((options, value) => (options.brokerClusterName = value))],
  ['namesrvAddr', setNameServers],
  ['flushDiskType', text(setFlush)],
  ['brokerRole', () => undefined],
  ['listenPort', integer((options, value) => (options.port = value))],
  ['brokerId', integer((options, value) => (options.brokerId = value))],
  ['mappedFileSizeCommitLog', integer((options, value) => (options.commitLogFileBytes = value))],
  [
    'mappedFileSizeConsumeQueue',
    integer((options, value) => (options.consumeQueueFileBytes = value)),
  ],
  [
    'mappedFileSizeConsumeQueueExt',
    integer((options, value) => (options.consumeQueueExtFileBytes = value)),
  ],
  ['mappedFileSizeTimerLog', integer((options, value) => (options.timerLogFileBytes = value))],
  ['maxHashSlotNum', integer((options, value) => (options.indexSlots = value))],
  ['maxIndexNum', integer((options, value) => (options.indexEntries = value))],
  ['syncFlushTimeout', integer((options, value) => (options.flushTimeoutMs = value))],
  ['flushIntervalCommitLog', integer((options, value) => (options.flushIntervalMs = value))],
  ['serverChannelMaxIdleTimeSeconds', integer(setIdle)],
  ['enabledAppendPropCRC', flag((options, value) => (options.propertyCrc = value))],
  [
    'enableLmq',
    flag((options, value) => {
      setMultiDispatch(options, value);
      options.lightOffsetTable = value;
    }),
  ],
  ['enableMultiDispatch', flag(setMultiDispatch)],
  ['messageIndexEnable', flag((options, value) => (options.indexEnabled = value))],
  ['fileReservedTime', ({ retention }, value) => (retention.hours = Number(value))],
  ['deleteWhen', ({ retention }, value) => (retention.deleteWhen = String(value))],
  ['cleanResourceInterval', ({ retention }, value) => (retention.intervalMs = Number(value))],
  ['cleanFileForciblyEnable', ({ retention }, value) => (retention.cleanForcibly = value === true)],
  ['diskMaxUsedSpaceRatio', ({ retention }, value) => (retention.diskMaxUsedRatio = ratio(value))],
  [
    'diskSpaceCleanForciblyRatio',
    ({ retention }, value) => (retention.diskCleanForciblyRatio = ratio(value)),
  ],
  [
    'diskSpaceWarningLevelRatio',
    ({ retention }, value) => (retention.diskWarningRatio = ratio(value)),
  ],
]);

function text(set: (options: ConfiguredOptions, value: string) => void): Setter {
  return ({ options }, value) => {
    if (value !== '') set(options, String(value));
  };
}

function integer(set: (options: ConfiguredOptions, value: number) => void): Setter {
  return ({ options }, value) => set(options, Number(value));
}

function flag(set: (options: ConfiguredOptions, value: boolean) => void): Setter {
  return ({ options }, value) => set(options, value === true);
}

function ratio(percent: Value): number {
  return Number(percent) / 100;
}

function list(value: string, separator: string): string[] {
  const parts = value.split(separator).map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

function setFlush(options: ConfiguredOptions, value: string): void {
  options.flush = value === 'SYNC_FLUSH' ? 'sync' : 'async';
}

/** Each of the two keys can turn it off. */
function setMultiDispatch(options: ConfiguredOptions, value: boolean): void {
  options.multiDispatch = value && (options.multiDispatch ?? true);
}

function setIdle(options: ConfiguredOptions, seconds: number): void {
  options.limits = { idleMs: seconds * 1000 };
}

function setNameServers({ options, problems }: Target, value: Value): void {
  const addresses = list(String(value), ';');
  for (const address of addresses) {
    try {
      splitAddress(address);
    } catch {
      problems.push(`namesrvAddr must be host:port, ';' between, not ${JSON.stringify(address)}`);
    }
  }
  options.namesrvAddresses = addresses;
}
