/** A tool makes the broker ask again about a half message that it gave up. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalText, text } from '../schema.ts';

/** Fields of the request; the id is that of the half, or of its copy among those given up. */
export interface ResumeCheckHalfMessageRequest {
  readonly topic?: string | undefined;
  readonly msgId: string;
}

export const ResumeCheckHalfMessage: Rpc<ResumeCheckHalfMessageRequest, NoFields> = {
  code: RequestCode.ResumeCheckHalfMessage,
  request: header<ResumeCheckHalfMessageRequest>({
    topic: optionalText,
    msgId: text,
  }),
  response: noFields,
};
