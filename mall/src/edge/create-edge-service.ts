/** The only door to the outside: the web shop's files, and the way to the services behind it. */
import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError, messageOf } from '../shared/api-error.ts';
import { HttpClient } from '../shared/http/http-client.ts';
import { HttpServer, nothing } from '../shared/http/http-server.ts';
import { type CreateService, SERVICE_NAMES, type ServiceDeps } from '../shared/service.ts';
import { cookieOf } from './cookies.ts';
import { CSRF_COOKIE, isCsrfToken, newCsrfToken } from './csrf.ts';
import { destinationOf, Gate } from './gate.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { refuse, ServiceProxy } from './service-proxy.ts';
import { SessionCache } from './session-cache.ts';

const READY_TIMEOUT_MS = 2_000;
const YEAR_SECONDS = 31_536_000;
const WEB_SOCKET = '/ws';

export const createEdgeService: CreateService = async (deps) => {
  const edge = new Edge(deps);
  edge.addRoutes();
  const url = await edge.http.listen();
  deps.urls.edge = url;
  return { name: 'edge', url, ready: () => Promise.resolve(), stop: () => edge.close() };
};

class Edge {
  readonly http: HttpServer;
  readonly #deps: ServiceDeps;
  readonly #client: HttpClient;
  readonly #sessions: SessionCache;
  readonly #gate: Gate;
  readonly #proxy: ServiceProxy;
  readonly #csrfSecret: string;

  constructor(deps: ServiceDeps) {
    const { host, port, logger, secrets, clock, urls, settings } = deps;
    this.#deps = deps;
    this.#client = new HttpClient(secrets.internal, settings.callTimeoutMs);
    // One for all instances of the edge, and of no use for anything else.
    this.#csrfSecret = createHmac('sha256', secrets.internal).update('csrf').digest('hex');
    this.#sessions = new SessionCache({ clock, client: this.#client, userUrl: () => urls.user });
    const csrfSecret = this.#csrfSecret;
    this.#gate = new Gate({ deps, sessions: this.#sessions, csrfSecret });
    this.#proxy = new ServiceProxy({
      internalSecret: secrets.internal,
      timeoutMs: settings.callTimeoutMs,
      urlOf: ({ service, path }) => `${urls[service]}${path}`,
    });
    this.http = new HttpServer({
      ...{ name: 'edge', host, port, logger, internalSecret: undefined },
      ready: () => this.#expectReady(),
    });
  }

  addRoutes(): void {
    const { fastify } = this.http;
    fastify.addHook('onRequest', async (request, reply) => {
      addSecurityHeaders(reply, this.#deps.settings.secureCookies);
      this.#giveCsrfToken(request, reply);
    });
    // Bodies are passed on as they are: in a scope of its own, where nothing is parsed.
    fastify.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_, payload, done) => done(null, payload));
      scope.all('/api/*', (request, reply) => this.#pass(request, reply));
    });
    fastify.server.on('upgrade', (request, socket, head) => {
      this.#upgrade(request.url ?? '/', socket, () =>
        this.#gate.pass(request, request.socket.remoteAddress ?? '').then((passage) => {
          this.#proxy.upgrade(request, socket, head, passage);
        }),
      );
    });
    this.#addDocument();
    this.#addWeb();
  }

  async close(): Promise<void> {
    this.#proxy.endSockets();
    await this.http.close();
    this.#proxy.close();
    this.#client.close();
  }

  async #pass(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const passage = await this.#gate.pass(request.raw, request.ip);
    if (passage.service === 'user' && passage.path === '/sign-out') {
      this.#sessions.forget(passage.sessionToken);
    }
    const answer = await this.#proxy.forward(request.raw, reply.raw, passage);
    for (const name of ['content-type', 'set-cookie', 'retry-after', 'location']) {
      const value = answer.headers[name];
      if (value !== undefined) reply.header(name, value);
    }
    reply.header('cache-control', 'no-store');
    return reply.code(answer.statusCode ?? 502).send(answer);
  }

  #upgrade(url: string, socket: Duplex, connect: () => Promise<void>): void {
    socket.on('error', () => socket.destroy());
    const isLive = destination(url) === `push${WEB_SOCKET}`;
    if (!isLive) {
      refuse(socket, 404);
      return;
    }
    connect().catch((error: unknown) => {
      const status = error instanceof ApiError ? error.status : 500;
      refuse(socket, status);
    });
  }

  #giveCsrfToken(request: FastifyRequest, reply: FastifyReply): void {
    const known = cookieOf(request.headers.cookie, CSRF_COOKIE);
    if (known !== undefined && isCsrfToken(known, this.#csrfSecret)) return;
    const token = newCsrfToken(this.#csrfSecret);
    const secure = this.#deps.settings.secureCookies ? '; Secure' : '';
    const attributes = `Path=/; SameSite=Lax; Max-Age=${YEAR_SECONDS}${secure}`;
    reply.header('set-cookie', `${CSRF_COOKIE}=${token}; ${attributes}`);
  }

  /** One document of all services, as the outside sees them. */
  #addDocument(): void {
    const documentSchema = z.object({ paths: z.record(z.string(), z.unknown()) });
    this.http.route(
      {
        ...{ method: 'GET', url: '/api/openapi.json', access: 'public', input: nothing },
        summary: 'All of the API',
      },
      async () => {
        const paths: Record<string, unknown> = {};
        for (const [name, url] of Object.entries(this.#deps.urls)) {
          if (url === '' || name === 'edge' || name === 'provider') continue;
          const output = documentSchema;
          const document = await this.#client.call({ url: `${url}/openapi.json`, output });
          for (const [path, operations] of Object.entries(document.paths)) {
            if (!path.startsWith('/internal/')) paths[`/api/${name}${path}`] = operations;
          }
        }
        return { openapi: '3.1.0', info: { title: 'mall', version: '1' }, paths };
      },
    );
  }

  #addWeb(): void {
    const { webDirectory } = this.#deps.settings;
    if (webDirectory === undefined || !existsSync(join(webDirectory, 'index.html'))) return;
    const { fastify } = this.http;
    fastify.register(fastifyStatic, {
      root: webDirectory,
      wildcard: false,
      index: 'index.html',
      // Names of assets change with their content, pages do not.
      setHeaders: (response, path) => {
        const isAsset = path.includes('/assets/');
        const age = isAsset ? `max-age=${YEAR_SECONDS}, immutable` : 'no-cache';
        response.setHeader('cache-control', age);
      },
    });
    // A page's address is one of the shop's own: it finds its way itself. Files are there or not.
    fastify.get('/*', ({ url }, reply) => {
      const [path = ''] = url.split('?');
      if (/\.\w+$/.test(path)) throw new ApiError('NOT_FOUND', `There is no ${path}`);
      return reply.sendFile('index.html');
    });
  }

  /** Ready when everybody else is. */
  async #expectReady(): Promise<void> {
    const answer = z.object({ status: z.string() });
    const waiting = SERVICE_NAMES.filter((name) => name !== 'edge').map(async (name) => {
      const url = this.#deps.urls[name];
      if (url === '') return;
      try {
        const call = { url: `${url}/health/ready`, timeoutMs: READY_TIMEOUT_MS, output: answer };
        await this.#client.call(call);
      } catch (error) {
        throw new ApiError('UNAVAILABLE', `${name}: ${messageOf(error)}`, { cause: error });
      }
    });
    await Promise.all(waiting);
  }
}

function destination(url: string): string {
  try {
    const { service, path } = destinationOf(url);
    return `${service}${path.split('?')[0]}`;
  } catch (error) {
    if (error instanceof ApiError) return '';
    throw error;
  }
}
