import { type ReactElement, useState } from 'react';
import { catalogue } from '../api/shop.ts';
import type { Product } from '../api/types.ts';
import { ProductArt } from '../art/product-art.tsx';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { Price } from '../design/price.tsx';
import { ProductCard } from '../design/product-card.tsx';
import { Quantity } from '../design/quantity.tsx';
import { Badge, Card, ErrorNotice, Skeleton } from '../design/surface.tsx';
import { useToast } from '../design/toast.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { useCart } from '../state/cart.tsx';
import { QUANTITY_MAX } from '../state/cart-items.ts';
import { useResource } from '../state/resource.ts';
import { Link, navigate, usePageTitle } from '../state/router.tsx';

/** The quote of the stock is asked anew this often while the page is open. */
const QUOTE_MS = 5000;
const SIMILAR_MAX = 4;
const FEW = 10;

export function ProductPage({ id }: { readonly id: string }): ReactElement {
  const { t, pick } = useI18n();
  const product = useResource(`product:${id}`, (signal) => catalogue.product(id, signal));
  usePageTitle(product.data ? pick(product.data.name) : t('state.loading'), !!product.data);
  return (
    <>
      <nav aria-label={t('layout.breadcrumb')} className="mb-5 text-sm">
        <Link to="/" className="inline-flex items-center gap-1 text-muted hover:text-ink">
          <Icon name="left" size={16} />
          {t('product.back')}
        </Link>
      </nav>
      {product.error && !product.data && (
        <ErrorNotice error={product.error} onRetry={product.reload} />
      )}
      {product.loading && <ProductSkeleton />}
      {product.data && <Details product={product.data} />}
      {product.data && <Similar product={product.data} />}
    </>
  );
}

function Details({ product }: { readonly product: Product }): ReactElement {
  const { t, pick } = useI18n();
  const cart = useCart();
  const say = useToast();
  const [quantity, setQuantity] = useState(1);
  const stock = useResource(
    `stock:${product.id}`,
    (signal) => catalogue.stock(product.id, signal),
    { pollMs: QUOTE_MS },
  );
  const available = stock.data?.available ?? product.available;
  const name = pick(product.name);
  const add = (): void => {
    cart.add(product.id, quantity);
    say(t('cart.added', { name }));
  };
  return (
    <article className="grid gap-8 md:grid-cols-2 md:gap-12">
      <div className="overflow-hidden rounded-3xl border border-line shadow-card md:sticky md:top-24 md:self-start">
        <ProductArt image={product.image} sku={product.sku} name={product.name.en} />
      </div>
      <div className="grid content-start gap-5">
        <div className="flex flex-wrap gap-2">
          {product.flashSale === true && <Badge tone="sale">{t('product.flash')}</Badge>}
          {product.tags.map((tag) => (
            <Badge key={tag}>{tag}</Badge>
          ))}
        </div>
        <h1 tabIndex={-1} className="font-display text-4xl font-semibold tracking-tight">
          {name}
        </h1>
        <Price product={product} large />
        <p className="text-lg leading-relaxed text-muted">{pick(product.description)}</p>
        <StockQuote available={available} failed={stock.error !== undefined} />
        <div className="flex flex-wrap items-center gap-3">
          <Quantity
            name={name}
            value={quantity}
            max={Math.max(available ?? QUANTITY_MAX, 1)}
            onChange={setQuantity}
          />
          <Button size="large" icon="cart" disabled={available === 0} onClick={add}>
            {t('product.add')}
          </Button>
          <Button
            size="large"
            kind="plain"
            disabled={available === 0}
            onClick={() => {
              cart.add(product.id, quantity);
              navigate('/checkout');
            }}
          >
            {t('product.buy')}
          </Button>
        </div>
        <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 border-t border-line pt-5 text-sm">
          <dt className="text-muted">{t('product.sku')}</dt>
          <dd className="font-mono">{product.sku}</dd>
          <dt className="text-muted">{t('product.delivery')}</dt>
          <dd>{t('product.delivery-text')}</dd>
        </dl>
      </div>
    </article>
  );
}

/** Asked of the warehouse while one looks: a request and its reply, over the message platform. */
interface StockQuoteProps {
  /** Null: unknown. */
  readonly available: number | null;
  readonly failed: boolean;
}

function StockQuote(props: StockQuoteProps): ReactElement {
  const { t } = useI18n();
  const { available } = props;
  const failed = props.failed || available === null;
  const count = available ?? 0;
  const tone = count > FEW ? 'text-good' : count > 0 ? 'text-warn' : 'text-bad';
  return (
    <Card className="flex items-center gap-3 px-4 py-3">
      <span aria-hidden="true" className={`relative flex size-3 ${failed ? 'text-warn' : tone}`}>
        <span className="absolute inset-0 animate-glow rounded-full bg-current" />
      </span>
      <p role="status" data-testid="stock" className="text-sm">
        {available !== null && (
          <span className={`font-semibold ${tone}`}>
            {count === 0 ? t('stock.none') : t('stock.live', { count })}
          </span>
        )}{' '}
        <span className="text-muted">{t(failed ? 'stock.stale' : 'stock.source')}</span>
      </p>
    </Card>
  );
}

function Similar({ product }: { readonly product: Product }): ReactElement | null {
  const { t } = useI18n();
  const { category } = product;
  const same = useResource(`products::${category}:1`, (signal) =>
    catalogue.products({ category, page: 1 }, signal),
  );
  const others = (same.data?.products ?? []).filter(({ id }) => id !== product.id);
  if (others.length === 0) return null;
  return (
    <section aria-label={t('product.similar')} className="mt-14">
      <h2 className="mb-5 font-display text-2xl font-semibold">{t('product.similar')}</h2>
      <ul className="grid grid-cols-2 gap-3 sm:gap-5 lg:grid-cols-4">
        {others.slice(0, SIMILAR_MAX).map((one) => (
          <li key={one.id}>
            <ProductCard product={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function ProductSkeleton(): ReactElement {
  const { t } = useI18n();
  return (
    <div role="status" className="grid gap-8 md:grid-cols-2 md:gap-12">
      <span className="sr-only">{t('state.loading')}</span>
      <Skeleton className="aspect-square rounded-3xl" />
      <div className="grid content-start gap-5">
        <Skeleton className="h-10 w-3/4" />
        <Skeleton className="h-8 w-1/3" />
        <Skeleton className="h-24" />
        <Skeleton className="h-13 w-2/3" />
      </div>
    </div>
  );
}
