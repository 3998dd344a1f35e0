/** Payment and provider in a process of their own, to be killed. Prints `ready`. */
import { z } from 'zod';
import { startMall } from '../../src/embedded/start-mall.ts';
import { createPaymentService } from '../../src/payment/payment-service.ts';
import { Faults } from '../../src/shared/faults.ts';
import { PATIENT } from '../patience.ts';
import { quietLogger } from '../quiet-logger.ts';

const Orders = z.object({
  namesrv: z.string(),
  orderUrl: z.string(),
  directory: z.string(),
  ports: z.object({ payment: z.number(), provider: z.number() }),
  fanOut: z.enum(['transaction', 'outbox']),
  /** Is killed when it has committed, before it can say so to the broker. */
  diesAtCommit: z.boolean(),
  outboxStopped: z.boolean(),
});

const { diesAtCommit, directory, fanOut, namesrv, orderUrl, outboxStopped, ports } = Orders.parse(
  JSON.parse(process.argv[2] ?? '{}'),
);
const faults = new Faults();
faults.set({ outboxStopped });
const mall = await startMall({
  ...{ namesrv, ports, faults, logger: quietLogger },
  database: { kind: 'directory', path: directory },
  services: ['payment', 'provider'],
  urls: { order: orderUrl },
  settings: { ...PATIENT, fanOut, publicUrl: 'http://shop.example', reconcileMs: 60_000 },
  replace: {
    payment: (deps) =>
      createPaymentService(deps, {
        afterCommit: async () => {
          // By its own hand: from outside, the broker could be faster and ask how it ended.
          if (diesAtCommit) process.kill(process.pid, 'SIGKILL');
        },
      }),
  },
});
await mall.ready();
process.stdout.write('ready\n');
