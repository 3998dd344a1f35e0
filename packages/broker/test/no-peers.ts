/** For brokers whose topics have no parts anywhere else. */
import type { LogicalOffsetsDeps } from '../src/static-topic/logical-offsets.ts';

export function noPeers(): LogicalOffsetsDeps['peers'] {
  return {
    ask: (brokerName) => Promise.reject(new Error(`${brokerName} is not part of this test`)),
  };
}
