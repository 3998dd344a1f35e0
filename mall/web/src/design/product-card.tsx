import type { ReactElement } from 'react';
import type { Product } from '../api/types.ts';
import { ProductArt } from '../art/product-art.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { useCart } from '../state/cart.tsx';
import { Link } from '../state/router.tsx';
import { Icon } from './icon.tsx';
import { Price, StockBadge } from './price.tsx';
import { Badge, Skeleton } from './surface.tsx';
import { useToast } from './toast.tsx';

export function ProductCard({ product }: { readonly product: Product }): ReactElement {
  const { t, pick } = useI18n();
  const cart = useCart();
  const say = useToast();
  const name = pick(product.name);
  const add = (): void => {
    cart.add(product.id, 1);
    say(t('cart.added', { name }));
  };
  return (
    <article className="group relative flex h-full flex-col overflow-hidden rounded-2xl border border-line bg-surface shadow-card transition-transform duration-300 hover:-translate-y-1">
      <div className="overflow-hidden">
        <ProductArt
          image={product.image}
          sku={product.sku}
          name={product.name.en}
          className="transition-transform duration-500 group-hover:scale-105"
        />
      </div>
      <div className="absolute top-3 left-3 flex gap-2">
        {product.flashSale === true && <Badge tone="sale">{t('product.flash')}</Badge>}
      </div>
      <div className="flex flex-1 flex-col gap-2 p-3.5 sm:p-4">
        <h3 className="leading-snug font-medium">
          <Link to={`/products/${product.id}`} className="after:absolute after:inset-0">
            {name}
          </Link>
        </h3>
        <div className="mt-auto flex items-end justify-between gap-2">
          <div>
            <Price product={product} />
            <div className="mt-1.5">
              <StockBadge available={product.available} />
            </div>
          </div>
          <button
            type="button"
            onClick={add}
            disabled={product.available === 0}
            aria-label={t('product.add-named', { name })}
            title={t('product.add')}
            className="relative grid size-11 shrink-0 place-items-center rounded-full bg-accent-soft text-accent transition-colors hover:bg-accent hover:text-on-accent disabled:opacity-40"
          >
            <Icon name="plus" />
          </button>
        </div>
      </div>
    </article>
  );
}

export function ProductGridSkeleton({ count = 8 }: { readonly count?: number }): ReactElement {
  const { t } = useI18n();
  return (
    <div role="status">
      <span className="sr-only">{t('state.loading')}</span>
      <div
        aria-hidden="true"
        className="grid grid-cols-2 gap-3 sm:gap-5 md:grid-cols-3 lg:grid-cols-4"
      >
        {Array.from({ length: count }, (_, index) => `card-${index}`).map((key) => (
          <div key={key} className="overflow-hidden rounded-2xl border border-line bg-surface">
            <Skeleton className="aspect-square rounded-none" />
            <div className="grid gap-3 p-4">
              <Skeleton className="h-4 w-4/5" />
              <Skeleton className="h-5 w-2/5" />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
