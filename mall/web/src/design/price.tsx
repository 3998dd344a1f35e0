import type { ReactElement } from 'react';
import type { Product } from '../api/types.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { Badge } from './surface.tsx';

/** Below this a visitor should know. */
const FEW = 10;

export function Price(props: {
  readonly product: Pick<Product, 'priceCents' | 'originalPriceCents'>;
  readonly large?: boolean;
}): ReactElement {
  const { t, money } = useI18n();
  const { priceCents, originalPriceCents } = props.product;
  const isLower = typeof originalPriceCents === 'number' && originalPriceCents > priceCents;
  return (
    <p className="flex flex-wrap items-baseline gap-x-2 tabular-nums">
      <span
        className={`font-semibold ${props.large ? 'text-3xl' : 'text-lg'} ${isLower ? 'text-sale' : ''}`}
      >
        {isLower && <span className="sr-only">{t('product.now')} </span>}
        {money(priceCents)}
      </span>
      {isLower && (
        <s className="text-sm text-muted">
          <span className="sr-only">{t('product.before')} </span>
          {money(originalPriceCents)}
        </s>
      )}
    </p>
  );
}

export function StockBadge(props: { readonly available: number | null }): ReactElement | null {
  const { t } = useI18n();
  const { available } = props;
  if (available === null) return null;
  if (available <= 0) return <Badge tone="bad">{t('stock.none')}</Badge>;
  if (available < FEW) return <Badge tone="warn">{t('stock.few', { count: available })}</Badge>;
  return <Badge tone="good">{t('stock.some')}</Badge>;
}
