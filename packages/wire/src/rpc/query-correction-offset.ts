/** How far other groups are behind one, by queue. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface QueryCorrectionOffsetRequest {
  readonly topic: string;
  readonly compareGroup: string;
  /** Groups to leave out, `,` between. */
  readonly filterGroups?: string | undefined;
}

export const QueryCorrectionOffset: Rpc<QueryCorrectionOffsetRequest, NoFields> = {
  code: RequestCode.QueryCorrectionOffset,
  request: header<QueryCorrectionOffsetRequest>({
    topic: text,
    compareGroup: text,
    filterGroups: optionalText,
  }),
  response: noFields,
};
