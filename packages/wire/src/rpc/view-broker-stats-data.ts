/** A counter of the broker over a minute, an hour and a day. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface ViewBrokerStatsDataRequest {
  readonly statsName: string;
  readonly statsKey: string;
}

export const ViewBrokerStatsData: Rpc<ViewBrokerStatsDataRequest, NoFields> = {
  code: RequestCode.ViewBrokerStatsData,
  request: header<ViewBrokerStatsDataRequest>({
    statsName: text,
    statsKey: text,
  }),
  response: noFields,
};
