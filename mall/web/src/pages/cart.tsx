import type { ReactElement } from 'react';
import { ProductArt } from '../art/product-art.tsx';
import { IconButton, LinkButton } from '../design/button.tsx';
import { Price } from '../design/price.tsx';
import { Quantity } from '../design/quantity.tsx';
import { Card, EmptyState, ErrorNotice, Loading, Notice, PageHeading } from '../design/surface.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { useCart } from '../state/cart.tsx';
import { type CartLine, isShort, useCartLines } from '../state/cart-products.ts';
import { Link, usePageTitle } from '../state/router.tsx';

export function CartPage(): ReactElement {
  const { t, money } = useI18n();
  const { count } = useCart();
  const { lines, totalCents, loading, error, reload, hasShort } = useCartLines();
  usePageTitle(t('nav.cart'));
  if (count === 0) {
    return (
      <>
        <PageHeading title={t('nav.cart')} />
        <EmptyState icon="cart" title={t('cart.empty')} text={t('cart.empty-text')}>
          <LinkButton to="/">{t('cart.browse')}</LinkButton>
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <PageHeading title={t('nav.cart')} lead={t('cart.lead', { count })} />
      {error && <ErrorNotice error={error} onRetry={reload} />}
      {loading && <Loading />}
      {lines.length > 0 && (
        <div className="grid items-start gap-6 lg:grid-cols-[1fr_20rem]">
          <ul className="grid gap-3">
            {lines.map((line) => (
              <li key={line.product.id}>
                <Line line={line} />
              </li>
            ))}
          </ul>
          <Card label={t('cart.sum')} className="grid gap-4 p-6 lg:sticky lg:top-24">
            <p className="flex items-baseline justify-between">
              <span className="text-muted">{t('cart.sum')}</span>
              <span className="text-2xl font-semibold tabular-nums">{money(totalCents)}</span>
            </p>
            <p className="text-sm text-muted">{t('cart.coupons-later')}</p>
            {hasShort && <Notice tone="warn">{t('cart.short')}</Notice>}
            <LinkButton to="/checkout" size="large">
              {t('cart.checkout')}
            </LinkButton>
          </Card>
        </div>
      )}
    </>
  );
}

function Line({ line }: { readonly line: CartLine }): ReactElement {
  const { t, pick, money } = useI18n();
  const cart = useCart();
  const { product, quantity } = line;
  const name = pick(product.name);
  return (
    <Card className="flex gap-4 p-3 sm:p-4">
      <Link to={`/products/${product.id}`} tabIndex={-1} aria-hidden="true" className="shrink-0">
        <ProductArt
          image={product.image}
          sku={product.sku}
          name={product.name.en}
          className="size-24 rounded-xl sm:size-28"
        />
      </Link>
      <div className="flex min-w-0 flex-1 flex-col justify-between gap-2">
        <div className="flex items-start justify-between gap-2">
          <div className="min-w-0">
            <h2 className="font-medium">
              <Link to={`/products/${product.id}`} className="hover:underline">
                {name}
              </Link>
            </h2>
            <Price product={product} />
          </div>
          <IconButton
            icon="trash"
            label={t('cart.remove', { name })}
            onClick={() => cart.setQuantity(product.id, 0)}
          />
        </div>
        <div className="flex flex-wrap items-center justify-between gap-2">
          <Quantity
            name={name}
            value={quantity}
            onChange={(value) => cart.setQuantity(product.id, value)}
          />
          <span className="font-semibold tabular-nums">{money(product.priceCents * quantity)}</span>
        </div>
        {isShort(line) && (
          <p className="text-sm text-warn">{t('cart.only', { count: product.available ?? 0 })}</p>
        )}
      </div>
    </Card>
  );
}
