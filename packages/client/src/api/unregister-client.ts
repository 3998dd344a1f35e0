import { UnregisterClient } from '@skylarkmq/wire';
import type { Requester } from '../instance/requester.ts';
import { expectSuccess } from './expect-success.ts';

/** Tells a broker that a group of this client is gone. */
export async function unregisterClient(
  requester: Requester,
  address: string,
  groups: { readonly producerGroup?: string; readonly consumerGroup?: string },
): Promise<void> {
  const ext = UnregisterClient.request.encode({
    clientID: requester.clientId,
    producerGroup: groups.producerGroup,
    consumerGroup: groups.consumerGroup,
  });
  const answer = await requester.request(address, { code: UnregisterClient.code, ext });
  expectSuccess(answer, `The unregistration at ${address}`);
}
