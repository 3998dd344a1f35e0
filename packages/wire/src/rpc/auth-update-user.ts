/** Changes a user; the body has what changes. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface AuthUpdateUserRequest {
  readonly username: string;
}

export const AuthUpdateUser: Rpc<AuthUpdateUserRequest, NoFields> = {
  code: RequestCode.AuthUpdateUser,
  request: header<AuthUpdateUserRequest>({
    username: text,
  }),
  response: noFields,
};
