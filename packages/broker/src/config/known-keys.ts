/**
 * Every key that a broker's configuration file may have: Apache's, of which we use some, and a few
 * of our own. Whether a key is used here, and how, is said in parse-broker-config.ts.
 */
import { nearestName } from '@skylarkmq/base';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { AUTH_CONFIG_KEYS } from './auth-config-keys.ts';
import { BROKER_CONFIG_KEYS } from './broker-config-keys.ts';
import { NETTY_CLIENT_KEYS, NETTY_SERVER_KEYS } from './netty-config-keys.ts';
import { STORE_CONFIG_KEYS } from './store-config-keys.ts';

/** What a value must be. */
export type KeyType = 'integer' | 'decimal' | 'boolean' | 'text';

export interface KnownKey {
  readonly type: KeyType;
  /** As text; null when there is none. */
  readonly defaultValue: string | null;
}

/** Those whose default looks like an integer but which take fractions. */
const DECIMAL_KEYS: ReadonlySet<string> = new Set([
  'logicalDiskSpaceCleanForciblyThreshold',
  'timerRocksDBRollMaxTps',
  'timerRocksDBTimeExpiredMaxTps',
]);

/** Where name servers are looked up by HTTP; Apache reads them besides its classes. */
const ADDRESS_SERVER_KEYS = { rmqAddressServerDomain: null, rmqAddressServerSubGroup: null };

/** Keys that GET_BROKER_CONFIG shows, in Apache's classes and then ours. Later ones win. */
export const SHOWN_KEYS: ReadonlyMap<string, KnownKey> = keysOf([
  NETTY_CLIENT_KEYS,
  NETTY_SERVER_KEYS,
  BROKER_CONFIG_KEYS,
  STORE_CONFIG_KEYS,
  { ...DEFAULT_SETTINGS },
]);

/** All keys. */
export const KNOWN_KEYS: ReadonlyMap<string, KnownKey> = new Map([
  ...keysOf([AUTH_CONFIG_KEYS, ADDRESS_SERVER_KEYS]),
  ...SHOWN_KEYS,
]);

/** The known key that is most like an unknown one; undefined when none is near. */
export function nearestKey(key: string): string | undefined {
  return nearestName(key, KNOWN_KEYS.keys());
}

function keysOf(tables: readonly Readonly<Record<string, unknown>>[]): Map<string, KnownKey> {
  const keys = new Map<string, KnownKey>();
  for (const table of tables) {
    for (const [key, value] of Object.entries(table)) keys.set(key, knownKey(key, value));
  }
  return keys;
}

function knownKey(key: string, value: unknown): KnownKey {
  if (typeof value === 'boolean') return { type: 'boolean', defaultValue: String(value) };
  if (typeof value !== 'number') {
    return { type: 'text', defaultValue: value === null ? null : String(value) };
  }
  if (!DECIMAL_KEYS.has(key)) return { type: 'integer', defaultValue: String(value) };
  const fraction = Number.isInteger(value) ? '.0' : '';
  return { type: 'decimal', defaultValue: `${value}${fraction}` };
}
