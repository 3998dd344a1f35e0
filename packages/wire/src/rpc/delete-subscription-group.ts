/** Removes a group, and its offsets when asked. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { booleanOr, header, text } from '../schema.ts';

/** Fields of the request. */
export interface DeleteSubscriptionGroupRequest {
  readonly groupName: string;
  readonly cleanOffset: boolean;
}

export const DeleteSubscriptionGroup: Rpc<DeleteSubscriptionGroupRequest, NoFields> = {
  code: RequestCode.DeleteSubscriptiongroup,
  request: header<DeleteSubscriptionGroupRequest>({
    groupName: text,
    cleanOffset: booleanOr(false),
  }),
  response: noFields,
};
