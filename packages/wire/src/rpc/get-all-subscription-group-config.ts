/** All groups of a broker, by pages when `groupSeq` is given. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, optionalInteger, optionalText } from '../schema.ts';

/** Fields of the request. */
export interface GetAllSubscriptionGroupConfigRequest {
  readonly groupSeq?: number | undefined;
  readonly dataVersion?: string | undefined;
  readonly maxGroupNum?: number | undefined;
}

/** Fields of the answer. */
export interface GetAllSubscriptionGroupConfigResponse {
  readonly totalGroupNum?: number | undefined;
}

export const GetAllSubscriptionGroupConfig: Rpc<
  GetAllSubscriptionGroupConfigRequest,
  GetAllSubscriptionGroupConfigResponse
> = {
  code: RequestCode.GetAllSubscriptiongroupConfig,
  request: header<GetAllSubscriptionGroupConfigRequest>({
    groupSeq: optionalInteger,
    dataVersion: optionalText,
    maxGroupNum: optionalInteger,
  }),
  response: header<GetAllSubscriptionGroupConfigResponse>({
    totalGroupNum: optionalInteger,
  }),
};
