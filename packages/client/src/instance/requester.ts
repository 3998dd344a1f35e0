import type { Command, Outgoing } from '@skylarkmq/wire';

/** How a request is made. */
export interface RequestOptions {
  /** Default: the option `requestTimeoutMs`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Makes requests in the name of one client id: all that the functions of `api` need. */
export interface Requester {
  readonly clientId: string;
  /** Makes a request at an address and waits for its answer, whatever its code. */
  request(address: string, outgoing: Outgoing, options?: RequestOptions): Promise<Command>;
  /** Makes a request that is not answered; resolves when it is handed to the connection. */
  oneway(address: string, outgoing: Outgoing): Promise<void>;
  /** Makes a request at a name server, whichever answers. */
  askNameServer(outgoing: Outgoing): Promise<Command>;
  /** Makes a request at every name server, for changes that each must know. */
  askAllNameServers(outgoing: Outgoing): Promise<readonly Command[]>;
}
