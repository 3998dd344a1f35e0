/** Who may pass to which service: the only way in from outside. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ApiError } from '../shared/api-error.ts';
import type { Caller } from '../shared/http/http-server.ts';
import type { ServiceDeps, ServiceName } from '../shared/service.ts';
import { cookieOf } from './cookies.ts';
import { CSRF_COOKIE, CSRF_HEADER, isCsrfToken } from './csrf.ts';
import { RateLimit } from './rate-limit.ts';
import type { SessionCache } from './session-cache.ts';

const SESSION_COOKIE = 'mall_session';

/** Reachable from outside; of these, what is below /internal/ is not. */
const PUBLIC: readonly ServiceName[] = [
  'order',
  'inventory',
  'coupon',
  'user',
  'payment',
  'catalogue',
  'shipping',
  'push',
  'control',
];
const SAFE_METHODS: readonly string[] = ['GET', 'HEAD'];
/** Comes from the payment provider, which has no cookie but signs. */
const CALLBACK = '/callback';
const BURST = 4;
const SIGN_IN_PER_SECOND = 1;
const SIGN_IN_BURST = 20;
const DEMO: Caller = { userId: 'demo', role: 'staff' };

/** Where a request goes, and for whom. */
export interface Passage {
  readonly service: ServiceName;
  /** With the query, as the service knows it. */
  readonly path: string;
  readonly caller: Caller;
  readonly sessionToken: string | undefined;
}

export interface GateDeps {
  readonly deps: ServiceDeps;
  readonly sessions: SessionCache;
  readonly csrfSecret: string;
}

export class Gate {
  readonly #gate: GateDeps;
  readonly #all: RateLimit;
  readonly #signIns: RateLimit;

  constructor(gate: GateDeps) {
    const { clock, settings } = gate.deps;
    const perSecond = settings.requestsPerSecond;
    this.#gate = gate;
    this.#all = new RateLimit({ perSecond, burst: perSecond * BURST, clock });
    // Each of these costs a tenth of a second of the processor: on purpose.
    this.#signIns = new RateLimit({
      perSecond: Math.max(SIGN_IN_PER_SECOND, perSecond / 10),
      burst: Math.max(SIGN_IN_BURST, perSecond),
      clock,
    });
  }

  /** Throws what the visitor is told. */
  async pass(request: IncomingMessage, address: string): Promise<Passage> {
    const { headers, method = 'GET' } = request;
    const { service, path } = destinationOf(request.url ?? '/');
    const pathname = path.split('?')[0] ?? '';
    this.#limit(service, pathname, address);
    const isCallback = service === 'payment' && pathname === CALLBACK;
    if (!SAFE_METHODS.includes(method) && !isCallback) this.#expectOwnPage(headers);
    const sessionToken = cookieOf(headers.cookie, SESSION_COOKIE);
    const { sessions, deps } = this.#gate;
    let caller = await sessions.callerOf(sessionToken);
    if (service === 'control' && caller.role !== 'staff') {
      if (!deps.settings.demo) throw new ApiError('FORBIDDEN', 'The control room is for staff');
      caller = caller.userId === '' ? DEMO : { ...caller, role: 'staff' };
    }
    return { service, path, caller, sessionToken };
  }

  #limit(service: ServiceName, pathname: string, address: string): void {
    const isSignIn = service === 'user' && /^\/(sign-in|register)$/.test(pathname);
    if (this.#all.take(address) && (!isSignIn || this.#signIns.take(address))) return;
    throw new ApiError('TOO_MANY_REQUESTS', 'Too many requests: wait a moment');
  }

  #expectOwnPage(headers: IncomingHttpHeaders): void {
    const { csrfSecret, deps } = this.#gate;
    const header = headers[CSRF_HEADER];
    const token = typeof header === 'string' ? header : '';
    const isSame = token !== '' && token === cookieOf(headers.cookie, CSRF_COOKIE);
    if (!isSame || !isCsrfToken(token, csrfSecret)) {
      throw new ApiError('CSRF', `The header ${CSRF_HEADER} must be the cookie ${CSRF_COOKIE}`);
    }
    const { origin, host } = headers;
    if (origin === undefined || origin === deps.settings.publicUrl) return;
    if (!URL.canParse(origin) || new URL(origin).host !== host) {
      throw new ApiError('CSRF', 'The request comes from a page of another site');
    }
  }
}

/** Only plain paths: nothing that one side reads in another way than the other. */
const PATH = /^\/api\/([a-z]+)(\/[\w.~@:%-]+)+$/;

export function destinationOf(url: string): { service: ServiceName; path: string } {
  const [pathname = '', query] = url.split('?', 2);
  const unknown = new ApiError('NOT_FOUND', `There is no ${pathname}`);
  if (!PATH.test(pathname)) throw unknown;
  const [, , name = '', ...rest] = pathname.split('/');
  const service = PUBLIC.find((one) => one === name);
  if (service === undefined) throw unknown;
  for (const part of rest) {
    const plain = decoded(part);
    if (plain === undefined || /[/\\]/.test(plain)) throw unknown;
    if (plain === '..' || plain === '.') throw unknown;
  }
  const first = decoded(rest[0] ?? '') ?? '';
  if (first === 'internal' || first === 'health' || first === 'openapi.json') throw unknown;
  return { service, path: `/${rest.join('/')}${query === undefined ? '' : `?${query}`}` };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
