/** Resets a group's offsets to a time; -1 is the end. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { booleanOr, header, integer, optionalInteger, text } from '../schema.ts';

/** Fields of the request. */
export interface InvokeBrokerToResetOffsetRequest {
  readonly topic: string;
  readonly group: string;
  readonly timestamp: number;
  readonly isForce: boolean;
  readonly offset?: number | undefined;
  readonly queueId?: number | undefined;
}

export const InvokeBrokerToResetOffset: Rpc<InvokeBrokerToResetOffsetRequest, NoFields> = {
  code: RequestCode.InvokeBrokerToResetOffset,
  request: header<InvokeBrokerToResetOffsetRequest>({
    topic: text,
    group: text,
    timestamp: integer,
    isForce: booleanOr(false),
    offset: optionalInteger,
    queueId: optionalInteger,
  }),
  response: noFields,
};
