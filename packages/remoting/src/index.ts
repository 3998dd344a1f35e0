export { type ClientTlsOptions, RemotingClient, type RemotingClientOptions } from './client.ts';
export type { Connection, InvokeOptions } from './connection.ts';
export type { Handler } from './handler.ts';
export { joinAddress, splitAddress } from './host-address.ts';
export type { ConnectionLimits } from './limits.ts';
export { type ListeningPorts, RemotingServer, type RemotingServerOptions } from './server.ts';
export type { ServerTlsOptions, TlsCredentials, TlsMode } from './tls.ts';
