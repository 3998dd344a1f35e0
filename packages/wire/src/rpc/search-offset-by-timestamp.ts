/** The offset of a time; `boundaryType` is LOWER (default) or UPPER. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, integer, optionalBoolean, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface SearchOffsetByTimestampRequest {
  readonly topic: string;
  readonly queueId: number;
  readonly timestamp: number;
  readonly boundaryType?: string | undefined;
  /** False: `queueId` is of a physical queue, also when the topic is static. */
  readonly lo?: boolean | undefined;
  readonly bname?: string | undefined;
}

/** Fields of the answer. */
export interface SearchOffsetByTimestampResponse {
  readonly offset: number;
}

export const SearchOffsetByTimestamp: Rpc<
  SearchOffsetByTimestampRequest,
  SearchOffsetByTimestampResponse
> = {
  code: RequestCode.SearchOffsetByTimestamp,
  request: header<SearchOffsetByTimestampRequest>({
    topic: text,
    queueId: integer,
    timestamp: integer,
    boundaryType: optionalText,
    lo: optionalBoolean,
    bname: optionalText,
  }),
  response: header<SearchOffsetByTimestampResponse>({
    offset: integer,
  }),
};
