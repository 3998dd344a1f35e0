/**
 * Reads Apache's name server configuration (`namesrv.conf`) as it is. What the file does not say
 * has Apache's default. It knows the text only: no file, no environment.
 */
import { nearestName, parseJavaProperties, unknownKeyText } from '@skylarkmq/base';
import { DEFAULT_SETTINGS, type NamesrvSettings } from '@skylarkmq/namesrv';
import { UNUSED_NAMESRV_KEYS } from './namesrv-keys.ts';

export interface NamesrvConfig {
  /** bindAddress. */
  readonly host: string | undefined;
  /** listenPort. */
  readonly port: number | undefined;
  readonly kvConfigPath: string | undefined;
  /** serverChannelMaxIdleTimeSeconds, as milliseconds. */
  readonly idleMs: number | undefined;
  readonly settings: Partial<NamesrvSettings>;
  /** Keys that Apache knows and nobody needs here, and ignored unknown ones, sorted. */
  readonly unused: readonly string[];
  /** Sentences that each are a reason not to start. */
  readonly problems: readonly string[];
}

const OPTION_KEYS = [
  'bindAddress',
  'listenPort',
  'kvConfigPath',
  'serverChannelMaxIdleTimeSeconds',
] as const;

/** Values that ask for what this version does not have. */
const MISSING: ReadonlyMap<string, string> = new Map([
  ['enableControllerInNamesrv', 'this version has no controller'],
  ['clusterTest', 'routes of another environment are not looked up'],
]);

/** INVALID_ARGUMENT when the text itself is malformed; all else is in `problems`. */
export function parseNamesrvConfig(text: string, ignoreUnknown: boolean): NamesrvConfig {
  const pairs = parseJavaProperties(text);
  const problems: string[] = [];
  const unused: string[] = [];
  let settings: Partial<NamesrvSettings> = {};
  for (const [key, value] of pairs) {
    const fallback = settingDefault(key);
    const missing = MISSING.get(key);
    if (fallback !== undefined) {
      const parsed = parseLike(fallback, value);
      if (parsed === undefined) problems.push(badValue(key, value, typeof fallback));
      else settings = { ...settings, [key]: parsed };
    } else if (missing !== undefined) {
      if (value.trim() === 'true') problems.push(`${key}=true is not available here: ${missing}`);
    } else if (UNUSED_NAMESRV_KEYS.has(key)) unused.push(key);
    else if (!isOptionKey(key)) {
      if (ignoreUnknown) unused.push(key);
      else problems.push(unknownKey(key));
    }
  }
  const idleSeconds = integerOf(pairs, 'serverChannelMaxIdleTimeSeconds', 1, 2 ** 31, problems);
  return {
    host: textOf(pairs, 'bindAddress'),
    port: integerOf(pairs, 'listenPort', 0, 65_535, problems),
    kvConfigPath: textOf(pairs, 'kvConfigPath'),
    idleMs: idleSeconds === undefined ? undefined : idleSeconds * 1000,
    settings,
    unused: unused.sort(),
    problems,
  };
}

function settingDefault(key: string): boolean | number | undefined {
  return Object.entries(DEFAULT_SETTINGS).find(([name]) => name === key)?.[1];
}

function isOptionKey(key: string): boolean {
  return OPTION_KEYS.some((known) => known === key);
}

/** A boolean or a positive integer, as the default is one. */
function parseLike(fallback: boolean | number, value: string): boolean | number | undefined {
  const text = value.trim().toLowerCase();
  if (typeof fallback === 'boolean') {
    return text === 'true' || text === 'false' ? text === 'true' : undefined;
  }
  return /^\d{1,10}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}

function textOf(pairs: ReadonlyMap<string, string>, key: string): string | undefined {
  const value = pairs.get(key)?.trim();
  return value === '' ? undefined : value;
}

function integerOf(
  pairs: ReadonlyMap<string, string>,
  key: (typeof OPTION_KEYS)[number],
  min: number,
  max: number,
  problems: string[],
): number | undefined {
  const text = textOf(pairs, key);
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  problems.push(`${key} must be an integer from ${min} to ${max}, not ${JSON.stringify(text)}`);
  return undefined;
}

function badValue(key: string, value: string, kind: string): string {
  const wanted = kind === 'boolean' ? 'true or false' : 'a positive integer';
  return `${key} must be ${wanted}, not ${JSON.stringify(value)}`;
}

function unknownKey(key: string): string {
  const known = [...Object.keys(DEFAULT_SETTINGS), ...OPTION_KEYS, ...UNUSED_NAMESRV_KEYS];
  return unknownKeyText(key, nearestName(key, known));
}
