/**
 * TLS on the port of plain connections: the first byte tells them apart. A TLS handshake record
 * begins with 0x16; a plain frame cannot, its length would be over 350 MB.
 */
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';

export const TLS_HANDSHAKE_BYTE = 0x16;

/** disabled: plain only. permissive: both. enforcing: TLS only. */
export type TlsMode = 'disabled' | 'permissive' | 'enforcing';

/** PEM texts of a server's (or a client's own) certificate. */
export interface TlsCredentials {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly passphrase?: string;
  /** Certificates that peers are checked against. */
  readonly ca?: string | Buffer;
  /** Whether a peer must show a certificate. Default false. */
  readonly requirePeerCertificate?: boolean;
}

export interface ServerTlsOptions {
  readonly mode: TlsMode;
  /** Asked for at the first TLS connection; the answer is kept. */
  readonly credentials: () => TlsCredentials | Promise<TlsCredentials>;
}

/** The server's side: wraps sockets whose first bytes were read already. */
export class ServerTls {
  readonly mode: TlsMode;
  readonly #load: ServerTlsOptions['credentials'];
  #context: Promise<{ context: SecureContext; credentials: TlsCredentials }> | undefined;

  constructor(options: ServerTlsOptions) {
    this.mode = options.mode;
    this.#load = options.credentials;
  }

  /** A TLS socket over `socket`, which must be paused and have `first` unread. */
  async wrap(socket: Socket, first: Buffer): Promise<TLSSocket> {
    this.#context ??= this.#make();
    const { context, credentials } = await this.#context;
    socket.unshift(first);
    return new TLSSocket(socket, {
      isServer: true,
      secureContext: context,
      requestCert: credentials.requirePeerCertificate ?? false,
      rejectUnauthorized: credentials.requirePeerCertificate ?? false,
    });
  }

  async #make(): Promise<{ context: SecureContext; credentials: TlsCredentials }> {
    const credentials = await this.#load();
    const { cert, key, passphrase, ca } = credentials;
    const context = createSecureContext({
      cert,
      key,
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(ca === undefined ? {} : { ca }),
    });
    return { context, credentials };
  }
}
