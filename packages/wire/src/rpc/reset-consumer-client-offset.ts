/** Broker to client, one-way: set these offsets. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { booleanOr, header, integer, text } from '../schema.ts';

/** Fields of the request. */
export interface ResetConsumerClientOffsetRequest {
  readonly topic: string;
  readonly group: string;
  readonly timestamp: number;
  readonly isForce: boolean;
}

export const ResetConsumerClientOffset: Rpc<ResetConsumerClientOffsetRequest, NoFields> = {
  code: RequestCode.ResetConsumerClientOffset,
  request: header<ResetConsumerClientOffsetRequest>({
    topic: text,
    group: text,
    timestamp: integer,
    isForce: booleanOr(false),
  }),
  response: noFields,
};
