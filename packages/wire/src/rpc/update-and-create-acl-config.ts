/** Makes or changes an account of ACL 1.0. Lists have commas between. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalBoolean, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface UpdateAndCreateAclConfigRequest {
  readonly accessKey: string;
  readonly secretKey?: string | undefined;
  readonly whiteRemoteAddress?: string | undefined;
  readonly admin?: boolean | undefined;
  readonly defaultTopicPerm?: string | undefined;
  readonly defaultGroupPerm?: string | undefined;
  readonly topicPerms?: string | undefined;
  readonly groupPerms?: string | undefined;
}

export const UpdateAndCreateAclConfig: Rpc<UpdateAndCreateAclConfigRequest, NoFields> = {
  code: RequestCode.UpdateAndCreateAclConfig,
  request: header<UpdateAndCreateAclConfigRequest>({
    accessKey: text,
    secretKey: optionalText,
    whiteRemoteAddress: optionalText,
    admin: optionalBoolean,
    defaultTopicPerm: optionalText,
    defaultGroupPerm: optionalText,
    topicPerms: optionalText,
    groupPerms: optionalText,
  }),
  response: noFields,
};
