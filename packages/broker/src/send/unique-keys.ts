/** Unique keys for messages that have none. */
import type { Clock, Prng } from '@skylarkmq/base';
import { createUniqueIdGenerator } from '@skylarkmq/message';
import type { BrokerIdentity } from '../identity.ts';

export interface UniqueKeysDeps {
  readonly identity: BrokerIdentity;
  readonly clock: Clock;
  readonly prng: Prng;
}

/** The broker's address is known when the first request is served. */
export function uniqueKeys(deps: UniqueKeysDeps): () => string {
  const { identity, clock, prng } = deps;
  let next: (() => string) | undefined;
  return () => {
    if (next === undefined) {
      const ip = identity.storeHost.subarray(0, identity.storeHost.length - 4);
      const processId = prng.below(0x10000);
      next = createUniqueIdGenerator({ clock, ip, processId, hash: prng.below(0x7fffffff) });
    }
    return next();
  };
}
