import { z } from 'zod';
import { nothing } from '../shared/http/http-server.ts';
import { newId } from '../shared/ids.ts';
import type { ServiceContext } from '../shared/service.ts';
import {
  type CartItems,
  type CartReporter,
  cartItemsSchema,
  changesOf,
  readCart,
  writeCart,
} from './carts.ts';

export function addCartRoutes(context: ServiceContext<object>, reporter: CartReporter): void {
  const { http, database, deps } = context;
  const output = z.object({ items: cartItemsSchema });
  const replace = async (userId: string, items: CartItems): Promise<{ items: CartItems }> => {
    const before = await readCart(database.kysely, userId);
    await writeCart(database.kysely, userId, items);
    for (const change of changesOf(before, items)) {
      const atMs = deps.clock.nowMs();
      await reporter.report({ ...change, eventId: newId('e'), userId, atMs });
    }
    return { items };
  };
  http.route(
    { method: 'GET', url: '/cart', access: 'user', summary: 'The cart', input: nothing, output },
    async (_, { caller }) => ({ items: await readCart(database.kysely, caller.userId) }),
  );
  http.route(
    {
      ...{ method: 'PUT', url: '/cart', access: 'user', output },
      summary: 'Replaces what is in the cart',
      input: z.object({ body: z.object({ items: cartItemsSchema }) }),
    },
    ({ body }, { caller }) => replace(caller.userId, body.items),
  );
  http.route(
    {
      ...{ method: 'DELETE', url: '/cart', access: 'user', input: nothing, output },
      summary: 'Empties the cart',
    },
    (_, { caller }) => replace(caller.userId, []),
  );
}
