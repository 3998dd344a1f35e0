/** The provider's HTTP interface: for merchants with a key, for visitors a page. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Behaviour } from './behaviour.ts';
import { PAGE_STYLE, pageLanguage, paymentPage } from './page.ts';
import { ProviderError } from './provider-error.ts';
import { PaymentRequest, type ProviderPayment, RefundRequest } from './records.ts';
import type { Vault } from './vault.ts';

/** What the routes use. */
export interface RouteDeps {
  readonly vault: Vault;
  readonly secret: string;
  /** Where browsers reach the provider; asked late, because the port is known late. */
  readonly publicUrl: () => string;
  readonly behaviour: { get(): Behaviour; set(behaviour: Behaviour): Promise<void> };
}

const Id = z.object({ id: z.string().max(64) });
const Since = z.object({
  reference: z.string().max(64).optional(),
  sinceMs: z.coerce.number().int().min(0).default(0),
  max: z.coerce.number().int().min(1).max(500).default(100),
});
const Decision = z.object({ token: z.string().max(128), decision: z.enum(['pay', 'decline']) });
const Attempt = z.strictObject({ decision: z.enum(['pay', 'decline']).default('pay') });

/** Adds all routes. */
export function addRoutes(app: FastifyInstance, deps: RouteDeps): void {
  addMerchantRoutes(app, deps);
  addBehaviourRoutes(app, deps);
  addPage(app, deps);
}

function addMerchantRoutes(app: FastifyInstance, { vault, secret, publicUrl }: RouteDeps): void {
  const onRequest = merchantOnly(secret);
  const answer = (payment: ProviderPayment): object => ({
    ...payment,
    payUrl: `${publicUrl()}/pay/${payment.id}`,
  });
  app.post('/v1/payments', { onRequest }, async (request, reply) => {
    const payment = await vault.create(parse(PaymentRequest, request.body));
    return reply.code(201).send(answer(payment));
  });
  app.get('/v1/payments', { onRequest }, async (request) => {
    const { reference, sinceMs, max } = parse(Since, request.query);
    if (reference === undefined) return { payments: vault.since(sinceMs, max).map(answer) };
    const payment = vault.byReference(reference);
    return { payments: payment === undefined ? [] : [answer(payment)] };
  });
  app.get('/v1/payments/:id', { onRequest }, async (request) =>
    answer(vault.get(parse(Id, request.params).id)),
  );
  app.post('/v1/payments/:id/refunds', { onRequest }, async (request, reply) => {
    const { id } = parse(Id, request.params);
    const payment = await vault.refund(id, parse(RefundRequest, request.body));
    return reply.code(201).send(answer(payment));
  });
  // What a visitor does on the page, for load generators: they have no hands.
  app.post('/v1/payments/:id/attempts', { onRequest }, async (request) => {
    const { id } = parse(Id, request.params);
    const { decision } = parse(Attempt, request.body);
    return answer(decision === 'pay' ? await vault.pay(id) : await vault.decline(id));
  });
}

function addBehaviourRoutes(app: FastifyInstance, { behaviour, secret }: RouteDeps): void {
  const onRequest = merchantOnly(secret);
  app.get('/v1/behaviour', { onRequest }, async () => behaviour.get());
  app.put('/v1/behaviour', { onRequest }, async (request) => {
    await behaviour.set(parse(Behaviour, request.body));
    return behaviour.get();
  });
}

function addPage(app: FastifyInstance, { vault, secret }: RouteDeps): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4_096 },
    async (_request: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
  );
  app.get('/assets/page.css', async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'max-age=3600').send(PAGE_STYLE),
  );
  app.get('/pay/:id', async (request, reply) => {
    const { id } = parse(Id, request.params);
    return sendPage(reply, vault.get(id), languageOf(request), pageToken(secret, id));
  });
  app.post('/pay/:id', async (request, reply) => {
    const { id } = parse(Id, request.params);
    const { token, decision } = parse(Decision, request.body);
    if (!isSame(token, pageToken(secret, id))) {
      throw new ProviderError(403, 'FORGED_FORM', 'The form did not come from the page');
    }
    const payment = decision === 'pay' ? await vault.pay(id) : await vault.decline(id);
    if (payment.state !== 'open') return reply.redirect(payment.returnUrl, 303);
    return sendPage(reply, payment, languageOf(request), token);
  });
}

function sendPage(
  reply: FastifyReply,
  payment: ProviderPayment,
  language: 'en' | 'zh',
  token: string,
): FastifyReply {
  const { origin } = new URL(payment.returnUrl);
  // After the form the browser is sent to the shop: `form-action` covers redirects as well.
  const policy = `default-src 'none'; style-src 'self'; form-action 'self' ${origin}`;
  return reply
    .header('content-security-policy', `${policy}; frame-ancestors 'none'; base-uri 'none'`)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(paymentPage(payment, language, token));
}

function languageOf(request: FastifyRequest): 'en' | 'zh' {
  const { query } = request;
  const asked = typeof query === 'object' && query !== null && 'lang' in query ? query.lang : '';
  return pageLanguage(
    typeof asked === 'string' ? asked : undefined,
    request.headers['accept-language'],
  );
}

function merchantOnly(secret: string): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const given = request.headers.authorization ?? '';
    if (isSame(given, `Bearer ${secret}`)) return;
    throw new ProviderError(401, 'UNAUTHORIZED', 'The header authorization has no valid key');
  };
}

function pageToken(secret: string, id: string): string {
  return createHmac('sha256', secret).update(`page.${id}`).digest('base64url');
}

/** Compares in a time that tells nothing. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw new ProviderError(400, 'INVALID', z.prettifyError(result.error).replaceAll('\n', ' '));
}
