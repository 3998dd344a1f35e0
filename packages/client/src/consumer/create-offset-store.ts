import type { ResolvedClientOptions } from '../options/client-options.ts';
import type { InstanceNetwork } from './instance-network.ts';
import { LocalOffsetStore } from './local-offset-store.ts';
import type { OffsetStore } from './offset-store.ts';
import { RemoteOffsetStore } from './remote-offset-store.ts';

/** Whose offsets are kept, and where. */
export interface OffsetStoreSetup {
  readonly client: ResolvedClientOptions;
  readonly network: InstanceNetwork;
  /** The group as brokers know it. */
  readonly group: string;
  readonly broadcasting: boolean;
  /** Folder of the files of broadcasting consumers. */
  readonly directory: string;
}

/** Groups that share messages keep their offsets at the brokers, broadcasting members in a file. */
export function createOffsetStore(setup: OffsetStoreSetup): OffsetStore {
  const { client, network, group, broadcasting, directory } = setup;
  const { fileSystem, logger } = client;
  if (!broadcasting) return new RemoteOffsetStore(network, logger);
  const { clientId } = network;
  return new LocalOffsetStore({ fileSystem, logger, directory, clientId, group });
}
