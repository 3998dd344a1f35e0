/** Makes or changes a topic; attributes are `+key=value,-key`. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import {
  booleanOr,
  header,
  integer,
  optionalBoolean,
  optionalInteger,
  optionalText,
  text,
} from '../schema.ts';

/** Fields of the request. */
export interface UpdateAndCreateTopicRequest {
  readonly topic: string;
  readonly defaultTopic?: string | undefined;
  readonly readQueueNums: number;
  readonly writeQueueNums: number;
  readonly perm: number;
  readonly topicFilterType?: string | undefined;
  readonly topicSysFlag?: number | undefined;
  readonly order: boolean;
  readonly attributes?: string | undefined;
  readonly force?: boolean | undefined;
}

export const UpdateAndCreateTopic: Rpc<UpdateAndCreateTopicRequest, NoFields> = {
  code: RequestCode.UpdateAndCreateTopic,
  request: header<UpdateAndCreateTopicRequest>({
    topic: text,
    defaultTopic: optionalText,
    readQueueNums: integer,
    writeQueueNums: integer,
    perm: integer,
    topicFilterType: optionalText,
    topicSysFlag: optionalInteger,
    order: booleanOr(false),
    attributes: optionalText,
    force: optionalBoolean,
  }),
  response: noFields,
};
