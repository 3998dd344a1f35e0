/**
 * Settings of a name server under Apache's names. Only those listed here can be changed at run
 * time; paths never.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';

export interface NamesrvSettings {
  readonly orderMessageEnable: boolean;
  readonly returnOrderTopicConfigToBroker: boolean;
  readonly enableAllTopicList: boolean;
  readonly enableTopicList: boolean;
  readonly notifyMinBrokerIdChanged: boolean;
  readonly supportActingMaster: boolean;
  /** Whether a registration removes the broker's topics that it does not name. */
  readonly deleteTopicWithBrokerRegistration: boolean;
  /** Whether routes are refused until `waitSecondsForService` after the start. */
  readonly needWaitForService: boolean;
  readonly waitSecondsForService: number;
  /** Milliseconds. */
  readonly scanNotActiveBrokerInterval: number;
  /** Ours: whether changing admin requests are taken from addresses beyond loopback. */
  readonly adminFromAnywhere: boolean;
}

export const DEFAULT_SETTINGS: NamesrvSettings = {
  orderMessageEnable: false,
  returnOrderTopicConfigToBroker: true,
  enableAllTopicList: true,
  enableTopicList: true,
  notifyMinBrokerIdChanged: false,
  supportActingMaster: false,
  deleteTopicWithBrokerRegistration: false,
  needWaitForService: false,
  waitSecondsForService: 45,
  scanNotActiveBrokerInterval: 5000,
  adminFromAnywhere: false,
};

/** Changing these would let a client choose what is written where. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'adminFromAnywhere',
  'configBlackList',
  'configStorePath',
  'kvConfigPath',
  'rocketmqHome',
]);

/** `key=value` lines; no escapes, as tools send them. */
export function parseProperties(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) pairs.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  return pairs;
}

/** Whether a request may not change the settings because of this key. */
export function isForbidden(key: string): boolean {
  return FORBIDDEN.has(key);
}

/** The settings after a change; keys that are not ours to change are ignored, as in Apache. */
export function changeSettings(
  settings: NamesrvSettings,
  pairs: ReadonlyMap<string, string>,
): NamesrvSettings {
  let changed = settings;
  for (const [key, value] of pairs) {
    const current = Object.entries(settings).find(([name]) => name === key)?.[1];
    if (typeof current === 'boolean') changed = { ...changed, [key]: value === 'true' };
    else if (typeof current === 'number') changed = { ...changed, [key]: wholeNumber(key, value) };
  }
  return changed;
}

function wholeNumber(key: string, value: string): number {
  const number = Number(value);
  if (value !== '' && Number.isInteger(number) && number > 0) return number;
  const message = `${key} must be a positive integer, not ${JSON.stringify(value)}`;
  throw new MqError(MqErrorCode.InvalidArgument, message);
}
