import type { Clock, Logger } from '@skylarkmq/base';
import type { Connection } from '@skylarkmq/remoting';
import type { BrokerLiveness } from '../broker-liveness.ts';
import type { NamesrvSettings } from '../config.ts';
import type { KvConfig } from '../kv-config.ts';
import type { RouteTable } from '../route-table.ts';

/** What the processors of a name server use. */
export interface ProcessorDeps {
  readonly table: RouteTable;
  readonly liveness: BrokerLiveness;
  readonly kvConfig: KvConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  settings(): NamesrvSettings;
  /** How long the name server has been running, milliseconds. */
  upMs(): number;
  changeSettings(settings: NamesrvSettings): void;
  /** Values of GET_NAMESRV_CONFIG besides the settings. */
  fixedConfig(): ReadonlyMap<string, string>;
}

/** The host part of the address by which a peer reached us. */
export function reachedHost(connection: Connection): string {
  const address = connection.localAddress;
  return address.slice(0, address.lastIndexOf(':'));
}
