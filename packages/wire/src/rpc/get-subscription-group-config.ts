/** One group. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface GetSubscriptionGroupConfigRequest {
  readonly group: string;
}

export const GetSubscriptionGroupConfig: Rpc<GetSubscriptionGroupConfigRequest, NoFields> = {
  code: RequestCode.GetSubscriptiongroupConfig,
  request: header<GetSubscriptionGroupConfigRequest>({
    group: text,
  }),
  response: noFields,
};
