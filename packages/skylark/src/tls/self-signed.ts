/**
 * A certificate for trying TLS out: clients in their test mode do not check it. Made once, kept in
 * a directory, so that it stays the same. For real use, hand in files (`--tls-cert`, `--tls-key`).
 */
import { X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock, FileSystem } from '@skylarkmq/base';
import type { TlsCredentials } from '@skylarkmq/remoting';
import { isAddress } from '../compose/advertise.ts';
import { prepareDirectory, readSmallFile, writeSmallFile } from '../compose/text-file.ts';

export interface SelfSignedDeps {
  readonly fileSystem: FileSystem;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Where it is kept. */
  readonly directory: string;
  /** Host that clients are told, besides localhost and this machine's name. */
  readonly host: string;
}

const DAY_MS = 86_400_000;
const VALID_DAYS = 3650;
/** A certificate with less left is made anew. */
const RENEW_DAYS = 30;

/** Reads the kept certificate, or makes one. SYSTEM when the directory cannot be written. */
export async function selfSignedCredentials(deps: SelfSignedDeps): Promise<TlsCredentials> {
  return readKept(deps) ?? (await make(deps));
}

function readKept({ fileSystem, directory, clock }: SelfSignedDeps): TlsCredentials | undefined {
  const { certPath, keyPath } = pathsIn(directory);
  if (!fileSystem.exists(certPath) || !fileSystem.exists(keyPath)) return undefined;
  const cert = readSmallFile(fileSystem, certPath);
  const key = readSmallFile(fileSystem, keyPath);
  return daysLeft(cert, clock.nowMs()) > RENEW_DAYS ? { cert, key } : undefined;
}

/** Negative when it is no certificate. */
function daysLeft(cert: Buffer, nowMs: number): number {
  try {
    return (Date.parse(new X509Certificate(cert).validTo) - nowMs) / DAY_MS;
  } catch {
    return -1;
  }
}

async function make(deps: SelfSignedDeps): Promise<TlsCredentials> {
  const { fileSystem, directory, clock } = deps;
  // Loaded here: hardly any start needs it, and it takes longer to load than all the rest.
  const { generate } = await import('selfsigned');
  const nowMs = clock.nowMs();
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'Skylark' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(nowMs - DAY_MS),
    notAfterDate: new Date(nowMs + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: namesOf(deps.host) },
    ],
  });
  const { certPath, keyPath } = pathsIn(directory);
  prepareDirectory(fileSystem, directory);
  writeSmallFile(fileSystem, keyPath, key);
  writeSmallFile(fileSystem, certPath, cert);
  return { cert, key };
}

function namesOf(host: string): ({ type: 2; value: string } | { type: 7; ip: string })[] {
  const ips = new Set(['127.0.0.1', '::1', ...(isAddress(host) ? [host] : [])]);
  const names = new Set(['localhost', hostname()]);
  return [
    ...[...names].map((value) => ({ type: 2 as const, value })),
    ...[...ips].map((ip) => ({ type: 7 as const, ip })),
  ];
}

function pathsIn(directory: string): { certPath: string; keyPath: string } {
  return { certPath: `${directory}/cert.pem`, keyPath: `${directory}/key.pem` };
}
