/** One record by its position in the log. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, integer, optionalText } from '../schema.ts';

/** Fields of the request. */
export interface ViewMessageByIdRequest {
  readonly offset: number;
  readonly topic?: string | undefined;
}

export const ViewMessageById: Rpc<ViewMessageByIdRequest, NoFields> = {
  code: RequestCode.ViewMessageById,
  request: header<ViewMessageByIdRequest>({
    offset: integer,
    topic: optionalText,
  }),
  response: noFields,
};
