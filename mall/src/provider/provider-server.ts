/**
 * The payment provider as a server: its own process in the large, its own port and storage always.
 * Merchants are known by one secret, which is the key of their requests and of our callbacks.
 */
import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Behaviour } from './behaviour.ts';
import { Courier, type CourierDeps } from './courier.ts';
import { type JournalOpener, memoryJournal } from './journal.ts';
import { ProviderError } from './provider-error.ts';
import { addRoutes } from './routes.ts';
import { Vault } from './vault.ts';

/** How a provider is started. */
export interface ProviderOptions {
  /** Shared with the merchant, 16 characters or more. */
  readonly secret: string;
  /** Where it keeps its books. Default: nowhere, in memory. */
  readonly journal?: JournalOpener;
  readonly host?: string;
  /** Default 0, any free one. */
  readonly port?: number;
  /** Where browsers reach it, when that is not its own address; asked when it is needed. */
  readonly publicUrl?: () => string;
  /** How it behaves at first. */
  readonly behaviour?: Partial<Behaviour>;
  readonly clock: { nowMs(): number };
  readonly logger: CourierDeps['logger'];
}

/** A running provider. */
export interface ProviderServer {
  readonly url: string;
  /** Changes how it behaves. */
  behave(change: Partial<Behaviour>): void;
  stop(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const SECRET_LENGTH_MIN = 12;
const BODY_BYTES_MAX = 64 * 1024;

/** Starts a provider; callbacks that a kill interrupted go on. */
export async function startProvider(options: ProviderOptions): Promise<ProviderServer> {
  const { clock, journal = memoryJournal, logger, secret } = options;
  if (secret.length < SECRET_LENGTH_MIN) {
    throw new Error(`The secret of a merchant has ${SECRET_LENGTH_MIN} characters or more`);
  }
  let behaviour = Behaviour.parse(options.behaviour ?? {});
  const vault = new Vault({
    clock,
    behaviour: () => behaviour,
    stored: (deliveries) => courier.take(deliveries),
  });
  const settled: Vault['settled'] = (id, again) => vault.settled(id, again);
  const courier = new Courier({ clock, secret, logger, settled });
  await vault.open(journal);
  const app = createApp();
  let url = '';
  addRoutes(app, {
    vault,
    secret,
    publicUrl: options.publicUrl ?? (() => url),
    behaviour: {
      get: () => behaviour,
      set: async (wanted) => {
        behaviour = wanted;
      },
    },
  });
  const host = options.host ?? LOOPBACK;
  const listening = new URL(await app.listen({ host, port: options.port ?? 0 }));
  // An address that means "all of them" is none that can be called.
  if (host === '0.0.0.0' || host === '::') listening.hostname = LOOPBACK;
  url = listening.origin;
  courier.take(vault.pending);
  return {
    url,
    behave: (change) => {
      behaviour = Behaviour.parse({ ...behaviour, ...change });
    },
    stop: async () => {
      await app.close();
      await courier.stop();
      await vault.close();
    },
  };
}

const WithStatus = z.object({ statusCode: z.number().int().min(400).max(499) });

function createApp(): FastifyInstance {
  const app = Fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true });
  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async () => ({ status: 'ready' }));
  app.setErrorHandler(async (error, _request, reply) => {
    if (error instanceof ProviderError) {
      const { code, message, statusCode } = error;
      return reply.code(statusCode).send({ error: { code, message } });
    }
    // Fastify's own refusals: a body that is no JSON, too large, of another type.
    const refusal = WithStatus.safeParse(error);
    const message = refusal.success && error instanceof Error ? error.message : 'It failed inside';
    const code = refusal.success ? 'INVALID' : 'INTERNAL';
    return reply.code(refusal.data?.statusCode ?? 500).send({ error: { code, message } });
  });
  return app;
}
