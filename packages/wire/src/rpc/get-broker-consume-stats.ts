/** Progress of all groups. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { booleanOr, header } from '../schema.ts';

/** Fields of the request. */
export interface GetBrokerConsumeStatsRequest {
  readonly isOrder: boolean;
}

export const GetBrokerConsumeStats: Rpc<GetBrokerConsumeStatsRequest, NoFields> = {
  code: RequestCode.GetBrokerConsumeStats,
  request: header<GetBrokerConsumeStatsRequest>({
    isOrder: booleanOr(false),
  }),
  response: noFields,
};
