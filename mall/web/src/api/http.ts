/** Calls to the mall's edge: JSON both ways, the CSRF header, and errors that pages can show. */

/** An answer that is no success. `code` is the server's, or one of ours below. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
  }
}

/** The codes that this file makes itself: nothing was reached, or it took too long. */
export const OFFLINE = 'offline';
const TIMED_OUT = 'timed-out';

const TIMEOUT_MS = 20_000;
const CSRF_COOKIE = 'mall_csrf';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface RequestOptions {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Asks the edge, gives back the body. Throws `ApiError`, or `AbortError` when `signal` fired. */
export async function request<T>(
  method: Method,
  path: string,
  { body, signal }: RequestOptions = {},
): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET') headers['x-csrf-token'] = readCookie(CSRF_COOKIE) ?? '';
  try {
    const response = await fetch(path, {
      method,
      headers,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw toError(response.status, text);
    return text === '' ? JSON.parse('null') : JSON.parse(text);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (timeout.aborted) throw new ApiError(TIMED_OUT, 0, `No answer within ${TIMEOUT_MS} ms`);
    if (signal?.aborted) throw error;
    throw new ApiError(OFFLINE, 0, String(error));
  }
}

/** A path with a query string; empty and missing values are left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text === '' ? path : `${path}?${text}`;
}

function toError(status: number, text: string): ApiError {
  try {
    const parsed: { error?: { code?: string; message?: string } } = JSON.parse(text);
    const { code, message } = parsed.error ?? {};
    return new ApiError(code ?? `http-${status}`, status, message ?? text);
  } catch {
    return new ApiError(`http-${status}`, status, text.slice(0, 200));
  }
}

function readCookie(name: string): string | undefined {
  for (const part of document.cookie.split('; ')) {
    const [key, value] = part.split('=', 2);
    if (key === name && value !== undefined) return decodeURIComponent(value);
  }
  return undefined;
}
