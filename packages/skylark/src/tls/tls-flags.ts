/** TLS on the port of plain connections, as the flags ask for it. */
import { resolve } from 'node:path';
import {
  type Logger,
  MemoryFileSystem,
  MqError,
  MqErrorCode,
  realClock,
  realFileSystem,
} from '@skylarkmq/base';
import type { ServerTlsOptions, TlsCredentials, TlsMode } from '@skylarkmq/remoting';
import type { Flag, Flags } from '../cli/flags.ts';
import { CertificateFiles } from './certificate-files.ts';
import { selfSignedCredentials } from './self-signed.ts';

const MODES: readonly TlsMode[] = ['permissive', 'enforcing', 'disabled'];

export const TLS_FLAGS: readonly Flag[] = [
  { name: 'tls', value: 'MODE', help: `${MODES.join(', ')} (default: permissive)` },
  { name: 'tls-cert', value: 'FILE', help: 'certificate in PEM (default: a self-signed one)' },
  { name: 'tls-key', value: 'FILE', help: 'its private key in PEM' },
];

export interface TlsPlace {
  readonly workingDirectory: string;
  /** Where the self-signed certificate is kept; null: only in memory. */
  readonly directory: string | null;
  /** Host that clients are told. */
  readonly host: string;
  readonly logger: Logger;
}

/** Undefined when TLS is disabled. INVALID_ARGUMENT and SYSTEM for files that are of no use. */
export function serverTls(flags: Flags, place: TlsPlace): ServerTlsOptions | undefined {
  const mode = flags.oneOf('tls', MODES) ?? 'permissive';
  const given = filesFrom(flags, place);
  if (mode === 'disabled') return undefined;
  if (given !== undefined) return { mode, credentials: () => given.current() };
  let made: Promise<TlsCredentials> | undefined;
  const credentials = (): Promise<TlsCredentials> => {
    made ??= selfSignedCredentials({
      fileSystem: place.directory === null ? new MemoryFileSystem() : realFileSystem,
      clock: realClock,
      directory: place.directory ?? '/tls',
      host: place.host,
    });
    return made;
  };
  return { mode, credentials };
}

function filesFrom(flags: Flags, place: TlsPlace): CertificateFiles | undefined {
  const certPath = flags.text('tls-cert');
  const keyPath = flags.text('tls-key');
  if (certPath === undefined && keyPath === undefined) return undefined;
  if (certPath === undefined || keyPath === undefined) {
    const message = '--tls-cert and --tls-key go together';
    throw new MqError(MqErrorCode.InvalidArgument, message);
  }
  return new CertificateFiles({
    fileSystem: realFileSystem,
    clock: realClock,
    logger: place.logger,
    certPath: resolve(place.workingDirectory, certPath),
    keyPath: resolve(place.workingDirectory, keyPath),
  });
}
