/** Asks for the users whose name has a text in it; the body of the answer is a list. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalText } from '../schema.ts';

/** Fields of the request. */
export interface AuthListUserRequest {
  readonly filter?: string | undefined;
}

export const AuthListUser: Rpc<AuthListUserRequest, NoFields> = {
  code: RequestCode.AuthListUser,
  request: header<AuthListUserRequest>({
    filter: optionalText,
  }),
  response: noFields,
};
