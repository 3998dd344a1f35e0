/**
 * A certificate and its key in files that somebody renews while the server runs. What was good
 * stays in use until both files are good again: a renewal writes one after the other.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type Clock, type FileSystem, type Logger, MqError, MqErrorCode } from '@skylarkmq/base';
import type { TlsCredentials } from '@skylarkmq/remoting';
import { readSmallFile } from '../compose/text-file.ts';

/** How often the files are looked at, at most; milliseconds. */
const LOOK_INTERVAL_MS = 1000;

export interface CertificateFilesDeps {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Both absolute. */
  readonly certPath: string;
  readonly keyPath: string;
}

export class CertificateFiles {
  readonly #deps: CertificateFilesDeps;
  #credentials: TlsCredentials;
  /** Sizes and times of the files when they were last read, good or not. */
  #seen: string;
  #lookedMs: number;

  /** INVALID_ARGUMENT or SYSTEM, naming the file, when they are of no use. */
  constructor(deps: CertificateFilesDeps) {
    this.#deps = deps;
    this.#seen = this.#state();
    this.#lookedMs = deps.clock.monotonicMs();
    this.#credentials = readPair(deps);
  }

  /** The newest good pair; the same object as before while nothing changed. */
  current(): TlsCredentials {
    const { clock, logger, certPath } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#lookedMs < LOOK_INTERVAL_MS) return this.#credentials;
    this.#lookedMs = nowMs;
    const state = this.#state();
    if (state === this.#seen) return this.#credentials;
    this.#seen = state;
    try {
      this.#credentials = readPair(this.#deps);
      logger.info({ certPath }, 'The certificate was renewed');
    } catch (error) {
      const { message } = MqError.from(error);
      logger.warn({ error: message }, 'The renewed certificate is of no use: the old one stays');
    }
    return this.#credentials;
  }

  #state(): string {
    const { certPath, keyPath } = this.#deps;
    return `${this.#stateOf(certPath)} ${this.#stateOf(keyPath)}`;
  }

  #stateOf(path: string): string {
    try {
      const stat = this.#deps.fileSystem.stat(path);
      return stat === undefined ? 'none' : `${stat.size}@${stat.modifiedMs}`;
    } catch {
      // Whoever reads it next says why.
      return 'unreadable';
    }
  }
}

function readPair({ fileSystem, certPath, keyPath }: CertificateFilesDeps): TlsCredentials {
  const cert = readSmallFile(fileSystem, certPath);
  const key = readSmallFile(fileSystem, keyPath);
  checkPair(cert, key, certPath, keyPath);
  return { cert, key };
}

function checkPair(cert: Buffer, key: Buffer, certPath: string, keyPath: string): void {
  const parse = <Parsed>(path: string, what: string, read: () => Parsed): Parsed => {
    try {
      return read();
    } catch (error) {
      const message = `${path} is no ${what} in PEM: ${MqError.from(error).message}`;
      throw new MqError(MqErrorCode.InvalidArgument, message);
    }
  };
  const certificate = parse(certPath, 'certificate', () => new X509Certificate(cert));
  const privateKey = parse(keyPath, 'private key', () => createPrivateKey(key));
  if (certificate.checkPrivateKey(privateKey)) return;
  const message = `${keyPath} is not the key of the certificate ${certPath}`;
  throw new MqError(MqErrorCode.InvalidArgument, message);
}
