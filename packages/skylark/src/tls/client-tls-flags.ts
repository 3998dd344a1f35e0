/** TLS towards name servers (and, for clients, brokers), as the flags ask for it. */
import { resolve } from 'node:path';
import { realFileSystem } from '@skylarkmq/base';
import type { Flag, Flags } from '../cli/flags.ts';
import { readSmallFile } from '../compose/text-file.ts';

export const NAMESRV_TLS_FLAGS: readonly Flag[] = [
  { name: 'namesrv-tls', help: 'reach the name servers by TLS; any certificate will do' },
  { name: 'namesrv-ca', value: 'FILE', help: 'the same, and their certificate is checked with it' },
];

export interface ClientTlsFlags {
  readonly verify: boolean;
  readonly ca?: Buffer;
}

/** Undefined: plain connections. SYSTEM for a file that cannot be read. */
export function clientTls(flags: Flags, workingDirectory: string): ClientTlsFlags | undefined {
  const caPath = flags.text('namesrv-ca');
  if (caPath !== undefined) {
    return { verify: true, ca: readSmallFile(realFileSystem, resolve(workingDirectory, caPath)) };
  }
  return flags.has('namesrv-tls') ? { verify: false } : undefined;
}
