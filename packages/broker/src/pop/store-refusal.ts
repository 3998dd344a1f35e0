/** What it means when the store did not simply take what POP must write down. */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { PutStatus } from '@skylarkmq/store';

/** In the log, whether or not the disk confirmed it in time. */
export function isStored(status: PutStatus): boolean {
  return (
    status === PutStatus.Ok ||
    status === PutStatus.FlushDiskTimeout ||
    status === PutStatus.FlushSlaveTimeout ||
    status === PutStatus.SlaveNotAvailable
  );
}

export function refused(status: PutStatus): MqError {
  const isBusy = status === PutStatus.SystemBusy;
  const reason = `The store does not take what POP must write down: ${status}`;
  return new MqError(isBusy ? MqErrorCode.Busy : MqErrorCode.System, reason);
}
