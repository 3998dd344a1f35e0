/** Adds one topic of a broker; the body is a route. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface RegisterTopicInNamesrvRequest {
  readonly topic: string;
}

export const RegisterTopicInNamesrv: Rpc<RegisterTopicInNamesrvRequest, NoFields> = {
  code: RequestCode.RegisterTopicInNamesrv,
  request: header<RegisterTopicInNamesrvRequest>({
    topic: text,
  }),
  response: noFields,
};
