import type { ClientOptions, ProducerOptions } from '@skylarkmq/client';
import type { FastifyInstance } from 'fastify';
import { SkylarkMq } from './skylark-mq.ts';

/** Options of the plugin: what all its clients have in common, and the producer's own. */
export interface SkylarkPluginOptions extends ClientOptions {
  readonly producer?: Omit<ProducerOptions, keyof ClientOptions>;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Sends and receives messages; see {@link SkylarkMq}. */
    mq: SkylarkMq;
  }
}

/**
 * Decorates the application with `mq`: `app.mq.producer` to send, `app.mq.consume` to receive. Both
 * log with `app.log` and close with the application: consumers before the server does, the producer
 * after it.
 */
export const skylarkPlugin: (app: FastifyInstance, options: SkylarkPluginOptions) => Promise<void> =
  Object.assign(
    async (app: FastifyInstance, options: SkylarkPluginOptions): Promise<void> => {
      const { producer = {}, ...client } = options;
      const mq = new SkylarkMq({ client: { logger: app.log, ...client }, producer });
      app.decorate('mq', mq);
      app.addHook('onReady', () => mq.ready());
      app.addHook('preClose', () => mq.drain());
      app.addHook('onClose', () => mq.producer.close());
    },
    {
      // Known to the whole application, not to the plugin's own part of it.
      [Symbol.for('skip-override')]: true,
      [Symbol.for('fastify.display-name')]: '@skylarkmq/fastify',
      [Symbol.for('plugin-meta')]: { name: '@skylarkmq/fastify', fastify: '5.x' },
    },
  );
