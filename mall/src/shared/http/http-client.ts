/** Calls to the other services: a time limit, one form of errors, an answer that is checked. */
import { Agent, type IncomingMessage, request } from 'node:http';
import { z } from 'zod';
import { ApiError, messageOf } from '../api-error.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import type { Caller } from './http-server.ts';

export interface Call<Output> {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** "http://host:port/path". */
  readonly url: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** For whom. */
  readonly caller?: Caller;
  /** For all of it. Default: the client's. */
  readonly timeoutMs?: number;
  /** In its place: the client's limit, but never less than this. */
  readonly atLeastMs?: number;
  readonly output: z.ZodType<Output>;
}

/** What another service refused; its code is passed on. */
export class RefusedError extends ApiError {
  override readonly status: number;
  override readonly code: string;

  constructor(status: number, code: string, message: string) {
    super('CONFLICT', message);
    this.status = status;
    this.code = code;
  }
}

const TIMEOUT_MS = DEFAULT_SETTINGS.callTimeoutMs;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const SOCKETS_MAX = 64;

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

export class HttpClient {
  readonly #secret: string;
  /** Of a call for which nothing else is said. */
  readonly #timeoutMs: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });

  constructor(internalSecret: string, timeoutMs: number = TIMEOUT_MS) {
    this.#secret = internalSecret;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Throws a {@link RefusedError} when the service says no, and an ApiError with code UNAVAILABLE
   * when it does not answer, answers that it cannot, or in a form that nobody expects: then it is
   * not known whether the work was done.
   */
  async call<Output>(call: Call<Output>): Promise<Output> {
    const { status, text } = await this.#exchange(call);
    const json = parseJson(text);
    if (status >= 400) {
      const { data } = errorSchema.safeParse(json);
      const message = data?.error.message ?? `${call.url} answered ${status}`;
      if (status >= 500) throw new ApiError('UNAVAILABLE', message);
      throw new RefusedError(status, data?.error.code ?? 'INVALID', message);
    }
    const output = call.output.safeParse(json);
    if (output.success) return output.data;
    throw new ApiError('UNAVAILABLE', `${call.url} answered in another form: ${output.error}`);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #exchange(call: Call<unknown>): Promise<{ status: number; text: string }> {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const { timeoutMs = Math.max(this.#timeoutMs, call.atLeastMs ?? 0) } = call;
    const signal = AbortSignal.timeout(timeoutMs);
    const headers: Record<string, string> = { 'x-mall-internal': this.#secret, ...call.headers };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (call.caller !== undefined) {
      headers['x-user-id'] = call.caller.userId;
      headers['x-user-role'] = call.caller.role;
    }
    const method = call.method ?? (body === undefined ? 'GET' : 'POST');
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const outgoing = request(call.url, { method, headers, agent: this.#agent, signal });
        outgoing.once('response', resolve).once('error', reject);
        outgoing.end(body);
      });
      return { status: response.statusCode ?? 0, text: await textOf(response) };
    } catch (error) {
      const reason = signal.aborted ? 'did not answer in time' : messageOf(error);
      throw new ApiError('UNAVAILABLE', `${method} ${call.url}: ${reason}`, { cause: error });
    }
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > ANSWER_BYTES_MAX) throw new Error(`answered more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch (error) {
    return { error: { code: 'INVALID', message: messageOf(error) } };
  }
}
