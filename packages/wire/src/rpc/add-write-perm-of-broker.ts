/** Gives it back. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, integer, text } from '../schema.ts';

/** Fields of the request. */
export interface AddWritePermOfBrokerRequest {
  readonly brokerName: string;
}

/** Fields of the answer. */
export interface AddWritePermOfBrokerResponse {
  readonly addTopicCount: number;
}

export const AddWritePermOfBroker: Rpc<AddWritePermOfBrokerRequest, AddWritePermOfBrokerResponse> =
  {
    code: RequestCode.AddWritePermOfBroker,
    request: header<AddWritePermOfBrokerRequest>({
      brokerName: text,
    }),
    response: header<AddWritePermOfBrokerResponse>({
      addTopicCount: integer,
    }),
  };
