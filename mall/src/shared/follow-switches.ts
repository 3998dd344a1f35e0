/** Where services are processes of their own: their switches follow those of the control room. */
import type { Logger } from '@skylarkmq/client';
import { messageOf } from './api-error.ts';
import type { Clock } from './clock.ts';
import { type Faults, switchesSchema } from './faults.ts';
import { HttpClient } from './http/http-client.ts';

/** What {@link followSwitches} uses. */
export interface FollowDeps {
  readonly faults: Faults;
  /** Where the control room is; looked up for each question. */
  readonly controlUrl: () => string;
  readonly internalSecret: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const FOLLOW_MS = 1_000;

/** Asks every second; while nobody answers, the switches stay. Returns what ends it. */
export function followSwitches(deps: FollowDeps): () => Promise<void> {
  const { clock, controlUrl, faults, logger } = deps;
  const stop = new AbortController();
  const client = new HttpClient(deps.internalSecret);
  const follow = async (): Promise<void> => {
    let isAway = false;
    while (!stop.signal.aborted) {
      try {
        const url = `${controlUrl()}/internal/switches`;
        faults.set(await client.call({ url, output: switchesSchema }));
        isAway = false;
      } catch (error) {
        if (!isAway) logger.warn({ error: messageOf(error) }, 'Not following the control room');
        isAway = true;
      }
      await clock.sleep(FOLLOW_MS, stop.signal);
    }
  };
  const following = follow();
  return async () => {
    stop.abort();
    await following;
    client.close();
  };
}
