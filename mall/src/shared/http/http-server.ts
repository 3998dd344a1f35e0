/**
 * The HTTP side of a service: routes whose input has a schema, one form of errors, the caller's
 * identity, health, and the OpenAPI document made of the routes.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Logger } from '@skylarkmq/client';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { z } from 'zod';
import { ApiError, messageOf } from '../api-error.ts';
import { openApiDocument, type RouteFacts } from './open-api.ts';

/**
 * Who may call: anybody at all (who proves by other means who it is), anybody behind the edge,
 * somebody signed in, staff, or other services only.
 */
export type Access = 'anybody' | 'public' | 'user' | 'staff' | 'internal';

/** Who calls, as the edge or another service says. */
export interface Caller {
  readonly userId: string;
  readonly role: 'customer' | 'staff' | 'nobody';
}

export interface Route<Input> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Internal routes are below /internal/, where the edge lets nobody in. */
  readonly url: string;
  readonly access: Access;
  readonly summary: string;
  /** Of `{params, query, body}`; what is not named is not seen. */
  readonly input: z.ZodType<Input>;
  /** Of the answer, for the document. */
  readonly output?: z.ZodType;
  /** Default 200. */
  readonly status?: number;
}

export interface Exchange {
  readonly caller: Caller;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** The body as it came, byte for byte: for signatures. */
  readonly rawBody: Buffer;
}

/** Answers with what it returns. */
export type RouteHandler<Input> = (input: Input, exchange: Exchange) => Promise<unknown>;

export interface HttpServerOptions {
  readonly name: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What callers must know; undefined: anybody may call (the payment provider). */
  readonly internalSecret: string | undefined;
  readonly logger: Logger;
  /** Throws, with the reason, while the service cannot do its work. */
  ready(): void | Promise<void>;
}

/** For routes without input. */
export const nothing = z.object({});

const BODY_BYTES_MAX = 256 * 1024;
const EMPTY = Buffer.alloc(0);
const LOCAL_HOSTS: readonly string[] = ['0.0.0.0', '::'];

export class HttpServer {
  readonly fastify: FastifyInstance;
  readonly #options: HttpServerOptions;
  readonly #routes: RouteFacts[] = [];
  readonly #bodies = new WeakMap<FastifyRequest, Buffer>();
  #url = '';

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.fastify = fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true });
    this.#parseJson();
    this.#answerErrors();
    this.#addHealth();
  }

  /** "http://host:port"; empty before {@link listen}. */
  get url(): string {
    return this.#url;
  }

  route<Input>(route: Route<Input>, handler: RouteHandler<Input>): void {
    const { method, url, access, input, status = 200 } = route;
    this.#routes.push(route);
    this.fastify.route({
      method,
      url,
      handler: async (request, reply) => {
        const caller = this.#callerOf(request, access);
        const parsed = input.safeParse({
          params: request.params,
          query: request.query,
          body: request.body ?? undefined,
        });
        if (!parsed.success) throw new ApiError('INVALID', issuesOf(parsed.error));
        const rawBody = this.#bodies.get(request) ?? EMPTY;
        const result = await handler(parsed.data, { caller, request, reply, rawBody });
        if (reply.sent || reply.raw.headersSent) return reply;
        if (result instanceof Buffer || typeof result === 'string') return result;
        return reply.code(status).send(result ?? {});
      },
    });
  }

  async listen(): Promise<string> {
    const { host, port } = this.#options;
    const address = new URL(await this.fastify.listen({ host, port }));
    if (LOCAL_HOSTS.includes(host)) address.hostname = '127.0.0.1';
    this.#url = address.origin;
    return this.#url;
  }

  async close(): Promise<void> {
    await this.fastify.close();
  }

  #callerOf(request: FastifyRequest, access: Access): Caller {
    const { internalSecret } = this.#options;
    const header = (name: string): string => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : '';
    };
    const isGuarded = internalSecret !== undefined && access !== 'anybody';
    if (isGuarded && !isSame(header('x-mall-internal'), internalSecret)) {
      throw new ApiError('FORBIDDEN', 'Only the mall itself may call this service');
    }
    const userId = header('x-user-id');
    const given = header('x-user-role');
    const role = given === 'staff' || given === 'customer' ? given : 'nobody';
    const needsUser = access === 'user' || access === 'staff';
    if (needsUser && userId === '') throw new ApiError('UNAUTHENTICATED', 'Sign in first');
    if (access === 'staff' && role !== 'staff') {
      throw new ApiError('FORBIDDEN', 'Only staff may do that');
    }
    return { userId, role };
  }

  /** Keeps the bytes beside the value: a signature is over bytes. */
  #parseJson(): void {
    const parse = this.fastify.getDefaultJsonParser('error', 'error');
    this.fastify.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      (request, body, done) => {
        const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
        this.#bodies.set(request, bytes);
        if (bytes.length === 0) done(null, undefined);
        else void parse(request, bytes.toString('utf8'), done);
      },
    );
  }

  #answerErrors(): void {
    const { logger, name } = this.#options;
    this.fastify.setErrorHandler(async (error, request, reply) => {
      const { status, code, message } = answerTo(error);
      if (status >= 500) {
        logger.warn({ name, url: request.url, error: messageOf(error) }, 'A request failed');
      }
      return reply.code(status).send({ error: { code, message } });
    });
    this.fastify.setNotFoundHandler(async (request, reply) => {
      const message = `There is no ${request.method} ${request.url.split('?')[0]}`;
      return reply.code(404).send({ error: { code: 'NOT_FOUND', message } });
    });
  }

  #addHealth(): void {
    const { name } = this.#options;
    this.fastify.get('/health/live', async () => ({ status: 'live', name }));
    this.fastify.get('/health/ready', async () => {
      await this.#options.ready();
      return { status: 'ready', name };
    });
    this.fastify.get('/openapi.json', async () => openApiDocument(name, this.#routes));
  }
}

function issuesOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

/** Whether two secrets are the same, in a time that does not tell where they differ. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

interface ErrorAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** What is our own fault is not told in detail. */
function answerTo(error: unknown): ErrorAnswer {
  if (error instanceof ApiError) return error;
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    const { statusCode: status, message } = error;
    if (status < 500) return { status, code: 'INVALID', message };
  }
  return { status: 500, code: 'INTERNAL', message: 'Something went wrong; try again' };
}
