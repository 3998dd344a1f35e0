/** Copies the offsets of one group to another. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { booleanOr, header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface CloneGroupOffsetRequest {
  readonly srcGroup: string;
  readonly destGroup: string;
  readonly topic?: string | undefined;
  readonly offline: boolean;
}

export const CloneGroupOffset: Rpc<CloneGroupOffsetRequest, NoFields> = {
  code: RequestCode.CloneGroupOffset,
  request: header<CloneGroupOffsetRequest>({
    srcGroup: text,
    destGroup: text,
    topic: optionalText,
    offline: booleanOr(false),
  }),
  response: noFields,
};
