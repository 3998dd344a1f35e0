/** One topic. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalBoolean, text } from '../schema.ts';

/** Fields of the request. */
export interface GetTopicConfigRequest {
  readonly topic: string;
  readonly lo?: boolean | undefined;
}

export const GetTopicConfig: Rpc<GetTopicConfigRequest, NoFields> = {
  code: RequestCode.GetTopicConfig,
  request: header<GetTopicConfigRequest>({
    topic: text,
    lo: optionalBoolean,
  }),
  response: noFields,
};
