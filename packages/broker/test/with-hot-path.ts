/** Runs a test against the hot path over a real connection, and ends both afterwards. */
import type { Serialization } from '@skylarkmq/wire';
import { type HotPathBroker, type HotPathOptions, startHotPath } from './hot-path-broker.ts';
import { HotPathClient } from './hot-path-client.ts';

export interface HotPathPair {
  readonly broker: HotPathBroker;
  readonly client: HotPathClient;
}

export async function withHotPath(
  run: (pair: HotPathPair) => Promise<void>,
  options: HotPathOptions = {},
  serialization?: Serialization,
): Promise<void> {
  const broker = await startHotPath(options);
  const client = new HotPathClient(broker.port, serialization);
  try {
    await run({ broker, client });
  } finally {
    await client.close();
    await broker.close();
  }
}
