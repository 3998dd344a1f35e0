/** Who may do what at a broker: opened with its options, kept in its `config` directory. */
import { type OpenAccess, openAccess, registerAccessHandlers } from '@skylarkmq/auth';
import type { RemotingServer } from '@skylarkmq/remoting';
import type { BrokerOptions } from './broker-options.ts';
import type { BrokerIdentity } from './identity.ts';
import type { BrokerSettings } from './settings.ts';

/** INVALID_ARGUMENT for options that contradict each other. */
export function openBrokerAccess(
  options: BrokerOptions,
  clusterName: string,
  settings: () => Pick<BrokerSettings, 'adminFromAnywhere'>,
): OpenAccess {
  const { clock, scheduler, logger, fileSystem, directory, access = {} } = options;
  return openAccess(access, {
    ...{ clock, scheduler, logger, fileSystem, clusterName },
    path: `${directory}/config/auth.json`,
    adminFromAnywhere: () => settings().adminFromAnywhere,
  });
}

/** Serves what tools ask about users, policies and accounts. */
export function serveAccess(
  server: RemotingServer,
  access: OpenAccess,
  { brokerName, brokerClusterName, address }: BrokerIdentity,
): void {
  const names = { brokerName, brokerAddress: address, clusterName: brokerClusterName };
  registerAccessHandlers(server, access, names);
}
