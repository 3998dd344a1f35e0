/** Takes the write permission of all topics of a broker. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, integer, text } from '../schema.ts';

/** Fields of the request. */
export interface WipeWritePermOfBrokerRequest {
  readonly brokerName: string;
}

/** Fields of the answer. */
export interface WipeWritePermOfBrokerResponse {
  readonly wipeTopicCount: number;
}

export const WipeWritePermOfBroker: Rpc<
  WipeWritePermOfBrokerRequest,
  WipeWritePermOfBrokerResponse
> = {
  code: RequestCode.WipeWritePermOfBroker,
  request: header<WipeWritePermOfBrokerRequest>({
    brokerName: text,
  }),
  response: header<WipeWritePermOfBrokerResponse>({
    wipeTopicCount: integer,
  }),
};
