import { javaBody } from './json-body.ts';

/** Body of GET_BROKER_HA_STATUS of a master that has no slaves. */
export function encodeLoneMasterStatus(masterCommitLogMaxOffset: number): Buffer {
  return javaBody({
    haClientRuntimeInfo: {
      activated: false,
      lastReadTimestamp: 0,
      lastWriteTimestamp: 0,
      masterFlushOffset: 0,
      maxOffset: 0,
      transferredByteInSecond: 0,
    },
    haConnectionInfo: [],
    inSyncSlaveNums: 0,
    master: true,
    masterCommitLogMaxOffset,
  });
}
