import type { ReactElement } from 'react';
import type { OrderItem } from '../api/types.ts';
import { ProductArt } from '../art/product-art.tsx';
import { useI18n } from '../i18n/i18n.tsx';

/** The products of an order or a checkout. */
export function OrderLines({ items }: { readonly items: readonly OrderItem[] }): ReactElement {
  const { t, pick, money } = useI18n();
  return (
    <ul className="divide-y divide-line">
      {items.map(({ productId, sku, name, image, quantity, priceCents }) => (
        <li key={productId} className="flex items-center gap-4 py-3">
          <ProductArt
            image={image ?? ''}
            sku={sku ?? productId}
            name={name?.en ?? ''}
            className="size-14 shrink-0 rounded-lg"
          />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{pick(name) || sku || productId}</span>
            <span className="text-sm text-muted">
              {t('order.times', { count: quantity, price: money(priceCents) })}
            </span>
          </span>
          <span className="font-medium tabular-nums">{money(priceCents * quantity)}</span>
        </li>
      ))}
    </ul>
  );
}
