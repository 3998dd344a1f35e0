/** A tool has a half message asked about again that was given up (323). */
import { MqError } from '@skylarkmq/base';
import { decodeOffsetMessageId } from '@skylarkmq/message';
import type { RemotingServer } from '@skylarkmq/remoting';
import { type Outgoing, ResumeCheckHalfMessage } from '@skylarkmq/wire';
import { type ResumeHalfDeps, resumeHalf } from '../../transaction/resume-half.ts';
import { invalidParameter, SUCCESS, systemError } from './refusal.ts';

export type TransactionAdminDeps = ResumeHalfDeps;

/** RocketMQ: AdminBrokerProcessor#resumeCheckHalfMessage */
const FAILED = 'Put message back to RMQ_SYS_TRANS_HALF_TOPIC failed.';

export function registerTransactionHandlers(
  server: RemotingServer,
  deps: TransactionAdminDeps,
): void {
  server.register(ResumeCheckHalfMessage.code, async (command): Promise<Outgoing> => {
    const { msgId } = ResumeCheckHalfMessage.request.decode(command.ext);
    let physicalOffset: number;
    try {
      physicalOffset = decodeOffsetMessageId(msgId).physicalOffset;
    } catch (error) {
      return invalidParameter(MqError.from(error).message);
    }
    const problem = await resumeHalf(physicalOffset, deps);
    return problem === undefined ? SUCCESS : systemError(`${FAILED} Cause: ${problem}.`);
  });
}
