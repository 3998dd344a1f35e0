/**
 * Payment and provider in a process of their own, to be killed. Prints `ready`, and `committed` for
 * each payment that is in the books and of which the broker does not know yet.
 */
import { z } from 'zod';
import { startMall } from '../../src/embedded/start-mall.ts';
import { createPaymentService } from '../../src/payment/payment-service.ts';
import { Faults } from '../../src/shared/faults.ts';
import { quietLogger } from '../quiet-logger.ts';

const Orders = z.object({
  namesrv: z.string(),
  orderUrl: z.string(),
  directory: z.string(),
  ports: z.object({ payment: z.number(), provider: z.number() }),
  fanOut: z.enum(['transaction', 'outbox']),
  /** Never says to the broker that it has committed. */
  isHanging: z.boolean(),
  outboxStopped: z.boolean(),
});

const { directory, fanOut, isHanging, namesrv, orderUrl, outboxStopped, ports } = Orders.parse(
  JSON.parse(process.argv[2] ?? '{}'),
);
const faults = new Faults();
faults.set({ outboxStopped });
const mall = await startMall({
  ...{ namesrv, ports, faults, logger: quietLogger },
  database: { kind: 'directory', path: directory },
  services: ['payment', 'provider'],
  urls: { order: orderUrl },
  settings: { fanOut, publicUrl: 'http://shop.example', reconcileMs: 60_000 },
  replace: {
    payment: (deps) =>
      createPaymentService(deps, {
        afterCommit: async () => {
          process.stdout.write('committed\n');
          if (isHanging) await new Promise(() => {});
        },
      }),
  },
});
await mall.ready();
process.stdout.write('ready\n');
