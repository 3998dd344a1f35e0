/** What of other people's tools is installed here. */
import { spawnSync } from 'node:child_process';

const PROBES = {
  java: ['java', '-version'],
  mvn: ['mvn', '-version'],
  go: ['go', 'version'],
  redis: ['redis-server', '--version'],
  postgres: ['postgres', '--version'],
} as const;

export type Tool = keyof typeof PROBES;

/**
 * For `{ skip: skipWithout('java') }`: what is missing, or false when nothing is. With CI=true
 * nothing may be missing: the tests run, and fail.
 */
export function skipWithout(...tools: readonly Tool[]): string | false {
  if (process.env['CI'] === 'true') return false;
  const missing = tools.filter((tool) => {
    const [command, argument] = PROBES[tool];
    return spawnSync(command, [argument], { stdio: 'ignore' }).status !== 0;
  });
  return missing.length === 0 ? false : `not installed: ${missing.join(', ')}`;
}
