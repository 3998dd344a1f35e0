/** Runs one message through a consumer; relayed to the client under the same code. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalInteger, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface ConsumeMessageDirectlyRequest {
  readonly consumerGroup: string;
  readonly clientId?: string | undefined;
  readonly msgId?: string | undefined;
  readonly brokerName?: string | undefined;
  readonly topic?: string | undefined;
  readonly topicSysFlag?: number | undefined;
  readonly groupSysFlag?: number | undefined;
}

export const ConsumeMessageDirectly: Rpc<ConsumeMessageDirectlyRequest, NoFields> = {
  code: RequestCode.ConsumeMessageDirectly,
  request: header<ConsumeMessageDirectlyRequest>({
    consumerGroup: text,
    clientId: optionalText,
    msgId: optionalText,
    brokerName: optionalText,
    topic: optionalText,
    topicSysFlag: optionalInteger,
    groupSysFlag: optionalInteger,
  }),
  response: noFields,
};
