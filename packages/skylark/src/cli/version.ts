import { createRequire } from 'node:module';

/** The version of this package. */
export const VERSION: string = versionOf(createRequire(import.meta.url)('../../package.json'));

function versionOf(manifest: unknown): string {
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) return '0';
  return String(manifest.version);
}
