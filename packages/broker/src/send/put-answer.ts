/** What a sender hears when the store did not simply store the message. */
import { PutStatus } from '@skylarkmq/store';
import { ResponseCode } from '@skylarkmq/wire';

/** A code and its words. */
export interface Refusal {
  readonly code: number;
  readonly remark: string;
}

/** Codes of messages that are stored, though not as safely as wanted. */
export function storedCode(status: PutStatus): ResponseCode | undefined {
  switch (status) {
    case PutStatus.Ok:
      return ResponseCode.Success;
    case PutStatus.FlushDiskTimeout:
      return ResponseCode.FlushDiskTimeout;
    case PutStatus.FlushSlaveTimeout:
      return ResponseCode.FlushSlaveTimeout;
    case PutStatus.SlaveNotAvailable:
      return ResponseCode.SlaveNotAvailable;
    default:
      return undefined;
  }
}

/** Official words first, since clients match them; then what the store says. */
export function refusalOf(status: PutStatus, reason: string, bodyBytesMax: number): Refusal {
  // RocketMQ: SendMessageProcessor#handlePutMessageResult
  switch (status) {
    case PutStatus.MessageIllegal:
    case PutStatus.PropertiesSizeExceeded:
      return illegal(reason, bodyBytesMax);
    case PutStatus.SystemBusy: {
      const official = '[PC_SYNCHRONIZED]broker busy, start flow control for a while';
      return { code: ResponseCode.SystemBusy, remark: withReason(official, reason) };
    }
    case PutStatus.ServiceNotAvailable: {
      const official =
        'service not available now. It may be caused by one of the following reasons: ' +
        "the broker's disk is full, messages are put to the slave, message store has been " +
        'shut down, etc.';
      return { code: ResponseCode.ServiceNotAvailable, remark: withReason(official, reason) };
    }
    case PutStatus.LmqQuotaExceeded: {
      const official = '[LMQ_CONSUME_QUEUE_NUM_EXCEEDED]lmq consume queue num exceeded.';
      return { code: ResponseCode.LmqQuotaExceeded, remark: withReason(official, reason) };
    }
    case PutStatus.CreateFileFailed: {
      const official = 'create mapped file failed, server is busy or broken.';
      return { code: ResponseCode.SystemError, remark: withReason(official, reason) };
    }
    default:
      return { code: ResponseCode.SystemError, remark: withReason('UNKNOWN_ERROR', reason) };
  }
}

export function illegal(reason: string, bodyBytesMax: number): Refusal {
  const official =
    'the message is illegal, maybe msg body or properties length not matched. ' +
    `msg body length limit ${bodyBytesMax}B, msg properties length limit 32KB.`;
  return { code: ResponseCode.MessageIllegal, remark: withReason(official, reason) };
}

function withReason(official: string, reason: string): string {
  return reason === '' ? official : `${official} Cause: ${reason}.`;
}
