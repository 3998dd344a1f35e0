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
  /**
   * Asked for at every TLS connection, so it should be quick. The same object again means that
   * nothing changed; connections that are open keep the certificate that they began with.
   */
  readonly credentials: () => TlsCredentials | Promise<TlsCredentials>;
}

/** The server's side: wraps sockets whose first bytes were read already. */
export class ServerTls {
  readonly mode: TlsMode;
  readonly #load: ServerTlsOptions['credentials'];
  #made: { readonly credentials: TlsCredentials; readonly context: SecureContext } | undefined;

  constructor(options: ServerTlsOptions) {
    this.mode = options.mode;
    this.#load = options.credentials;
  }

  /** A TLS socket over `socket`, which must be paused and have `first` unread. */
  async wrap(socket: Socket, first: Buffer): Promise<TLSSocket> {
    // When it fails, the next connection asks again: a certificate may be there by then.
    const credentials = await this.#load();
    const context = this.#contextOf(credentials);
    socket.unshift(first);
    return new TLSSocket(socket, {
      isServer: true,
      secureContext: context,
      requestCert: credentials.requirePeerCertificate ?? false,
      rejectUnauthorized: credentials.requirePeerCertificate ?? false,
    });
  }

  #contextOf(credentials: TlsCredentials): SecureContext {
    if (this.#made?.credentials === credentials) return this.#made.context;
    const { cert, key, passphrase, ca } = credentials;
    const context = createSecureContext({
      cert,
      key,
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(ca === undefined ? {} : { ca }),
    });
    this.#made = { credentials, context };
    return context;
  }
}
