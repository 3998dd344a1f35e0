/** Removes a user and his policies. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface AuthDeleteUserRequest {
  readonly username: string;
}

export const AuthDeleteUser: Rpc<AuthDeleteUserRequest, NoFields> = {
  code: RequestCode.AuthDeleteUser,
  request: header<AuthDeleteUserRequest>({
    username: text,
  }),
  response: noFields,
};
