/** Whether a group may read a topic; sets it when `readable` is given. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalBoolean, text } from '../schema.ts';

/** Fields of the request. */
export interface UpdateAndGetGroupForbiddenRequest {
  readonly group: string;
  readonly topic: string;
  readonly readable?: boolean | undefined;
}

export const UpdateAndGetGroupForbidden: Rpc<UpdateAndGetGroupForbiddenRequest, NoFields> = {
  code: RequestCode.UpdateAndGetGroupForbidden,
  request: header<UpdateAndGetGroupForbiddenRequest>({
    group: text,
    topic: text,
    readable: optionalBoolean,
  }),
  response: noFields,
};
