/** Who is behind a session's token: asked of the user service, remembered for some seconds. */
import { z } from 'zod';
import type { Clock } from '../shared/clock.ts';
import type { HttpClient } from '../shared/http/http-client.ts';
import type { Caller } from '../shared/http/http-server.ts';

const NOBODY: Caller = { userId: '', role: 'nobody' };
/** A session that was closed elsewhere lives on for this long here. */
const KEEP_MS = 5_000;
const SESSIONS_MAX = 10_000;

const answerSchema = z.object({
  user: z.object({ userId: z.string(), role: z.enum(['customer', 'staff']) }).nullable(),
});

export interface SessionCacheDeps {
  readonly clock: Clock;
  readonly client: HttpClient;
  readonly userUrl: () => string;
}

export class SessionCache {
  readonly #deps: SessionCacheDeps;
  readonly #known = new Map<string, { readonly caller: Caller; readonly untilMs: number }>();

  constructor(deps: SessionCacheDeps) {
    this.#deps = deps;
  }

  async callerOf(token: string | undefined): Promise<Caller> {
    if (token === undefined || token === '') return NOBODY;
    const { clock, client, userUrl } = this.#deps;
    const nowMs = clock.monotonicMs();
    const known = this.#known.get(token);
    if (known !== undefined && known.untilMs > nowMs) return known.caller;
    const url = `${userUrl()}/internal/sessions`;
    const { user } = await client.call({ url, body: { token }, output: answerSchema });
    const caller = user ?? NOBODY;
    if (this.#known.size >= SESSIONS_MAX) this.#known.clear();
    this.#known.set(token, { caller, untilMs: nowMs + KEEP_MS });
    return caller;
  }

  forget(token: string | undefined): void {
    if (token !== undefined) this.#known.delete(token);
  }
}
