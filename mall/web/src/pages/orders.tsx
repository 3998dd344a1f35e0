import { type ReactElement, useState } from 'react';
import { orders } from '../api/shop.ts';
import type { Order } from '../api/types.ts';
import { ProductArt } from '../art/product-art.tsx';
import { Button, LinkButton } from '../design/button.tsx';
import { OrderStateBadge } from '../design/order-state.tsx';
import { EmptyState, ErrorNotice, Loading, PageHeading } from '../design/surface.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { SignedIn } from '../layout/signed-in.tsx';
import { useResource } from '../state/resource.ts';
import { Link, usePageTitle } from '../state/router.tsx';

const PICTURES_MAX = 3;

export function OrdersPage(): ReactElement {
  const { t } = useI18n();
  usePageTitle(t('orders.title'));
  return <SignedIn>{() => <Orders />}</SignedIn>;
}

function Orders(): ReactElement {
  const { t } = useI18n();
  const [page, setPage] = useState(1);
  const list = useResource(`orders:${page}`, (signal) => orders.list(page, signal), {
    pollMs: 10_000,
  });
  const found = list.data?.orders ?? [];
  const isLast = list.data !== undefined && page * found.length >= list.data.total;
  return (
    <>
      <PageHeading title={t('orders.title')} lead={t('orders.lead')} />
      {list.error && <ErrorNotice error={list.error} onRetry={list.reload} />}
      {list.loading && <Loading />}
      {list.data && found.length === 0 && page === 1 && (
        <EmptyState icon="box" title={t('orders.none')} text={t('orders.none-text')}>
          <LinkButton to="/">{t('cart.browse')}</LinkButton>
        </EmptyState>
      )}
      <ul className="grid grid-cols-1 gap-3">
        {found.map((order) => (
          <li key={order.id}>
            <OrderRow order={order} />
          </li>
        ))}
      </ul>
      {list.data && (page > 1 || !isLast) && (
        <nav aria-label={t('pages.label')} className="mt-6 flex justify-center gap-3">
          <Button kind="plain" disabled={page === 1} onClick={() => setPage(page - 1)}>
            {t('pages.before')}
          </Button>
          <Button kind="plain" disabled={isLast} onClick={() => setPage(page + 1)}>
            {t('pages.next')}
          </Button>
        </nav>
      )}
    </>
  );
}

function OrderRow({ order }: { readonly order: Order }): ReactElement {
  const { t, money, dateTime } = useI18n();
  const pieces = order.items.reduce((sum, item) => sum + item.quantity, 0);
  return (
    <article className="relative flex items-center gap-x-4 gap-y-3 rounded-2xl border border-line bg-surface p-4 shadow-card hover:border-line-strong">
      <div aria-hidden="true" className="flex">
        {order.items.slice(0, PICTURES_MAX).map((item, index) => (
          <ProductArt
            key={item.productId}
            image={item.image ?? ''}
            sku={item.sku ?? item.productId}
            name={item.name?.en ?? ''}
            className={`size-14 rounded-xl border-2 border-surface ${index > 0 ? '-ml-5 max-sm:hidden' : ''}`}
          />
        ))}
      </div>
      <div className="min-w-0 flex-1">
        <h2 className="font-medium">
          <Link to={`/orders/${order.id}`} className="after:absolute after:inset-0">
            {dateTime(order.createdMs)}
          </Link>
        </h2>
        <p className="truncate text-sm text-muted">
          {t('orders.pieces', { count: pieces })} · <span className="font-mono">{order.id}</span>
        </p>
      </div>
      <div className="text-right">
        <p className="font-semibold tabular-nums">{money(order.totalCents)}</p>
        <OrderStateBadge state={order.state} />
      </div>
    </article>
  );
}
