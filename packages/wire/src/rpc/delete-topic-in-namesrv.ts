/** Removes a topic from a name server. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface DeleteTopicInNamesrvRequest {
  readonly topic: string;
  readonly clusterName?: string | undefined;
}

export const DeleteTopicInNamesrv: Rpc<DeleteTopicInNamesrvRequest, NoFields> = {
  code: RequestCode.DeleteTopicInNamesrv,
  request: header<DeleteTopicInNamesrvRequest>({
    topic: text,
    clusterName: optionalText,
  }),
  response: noFields,
};
