/** Removes a topic from a broker. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface DeleteTopicInBrokerRequest {
  readonly topic: string;
}

export const DeleteTopicInBroker: Rpc<DeleteTopicInBrokerRequest, NoFields> = {
  code: RequestCode.DeleteTopicInBroker,
  request: header<DeleteTopicInBrokerRequest>({
    topic: text,
  }),
  response: noFields,
};
