/** Makes a user; the body is the user. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface AuthCreateUserRequest {
  readonly username: string;
}

export const AuthCreateUser: Rpc<AuthCreateUserRequest, NoFields> = {
  code: RequestCode.AuthCreateUser,
  request: header<AuthCreateUserRequest>({
    username: text,
  }),
  response: noFields,
};
