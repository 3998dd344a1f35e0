/** Asks for a user; the body of the answer is the user, if there is one. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface AuthGetUserRequest {
  readonly username: string;
}

export const AuthGetUser: Rpc<AuthGetUserRequest, NoFields> = {
  code: RequestCode.AuthGetUser,
  request: header<AuthGetUserRequest>({
    username: text,
  }),
  response: noFields,
};
