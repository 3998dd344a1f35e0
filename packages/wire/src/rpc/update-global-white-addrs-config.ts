/** Sets the addresses that need no signature in ACL 1.0, commas between. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface UpdateGlobalWhiteAddrsConfigRequest {
  readonly globalWhiteAddrs: string;
  readonly aclFileFullPath?: string | undefined;
}

export const UpdateGlobalWhiteAddrsConfig: Rpc<UpdateGlobalWhiteAddrsConfigRequest, NoFields> = {
  code: RequestCode.UpdateGlobalWhiteAddrsConfig,
  request: header<UpdateGlobalWhiteAddrsConfigRequest>({
    globalWhiteAddrs: text,
    aclFileFullPath: optionalText,
  }),
  response: noFields,
};
