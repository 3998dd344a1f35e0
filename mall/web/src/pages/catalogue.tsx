import type { ReactElement } from 'react';
import { catalogue } from '../api/shop.ts';
import type { Category, Product } from '../api/types.ts';
import { ProductArt } from '../art/product-art.tsx';
import { Button } from '../design/button.tsx';
import { ProductCard, ProductGridSkeleton } from '../design/product-card.tsx';
import { EmptyState, ErrorNotice } from '../design/surface.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { useResource } from '../state/resource.ts';
import { Link, navigate, useAddress, usePageTitle } from '../state/router.tsx';

/** What the server gives at most in one page. */
const PAGE_SIZE = 24;
const POPULAR_MAX = 4;

export function CataloguePage(): ReactElement {
  const { t, pick } = useI18n();
  const { query } = useAddress();
  const q = query.get('q') ?? '';
  const category = query.get('category') ?? '';
  const page = Math.max(Number.parseInt(query.get('page') ?? '1', 10) || 1, 1);
  const products = useResource(`products:${q}:${category}:${page}`, (signal) =>
    catalogue.products({ q, category, page }, signal),
  );
  const categories = useResource('categories', catalogue.categories);
  const all = categories.data?.categories ?? [];
  const chosen = all.find(({ id }) => id === category);
  const isStart = q === '' && category === '' && page === 1;
  const title =
    q !== '' ? t('catalogue.found', { q }) : chosen ? pick(chosen.name) : t('catalogue.all');
  usePageTitle(isStart ? t('nav.shop') : title);

  return (
    <>
      {isStart && <Hero products={products.data?.products ?? []} />}
      <CategoryBar categories={all} chosen={category} />
      {isStart && <Popular />}
      <div className="mb-5 flex items-baseline justify-between gap-4">
        {isStart ? (
          <h2 className="font-display text-2xl font-semibold">{title}</h2>
        ) : (
          <h1 tabIndex={-1} className="font-display text-2xl font-semibold">
            {title}
          </h1>
        )}
        <p role="status" className="text-sm text-muted">
          {products.data && t('catalogue.count', { count: products.data.total })}
        </p>
      </div>
      {products.error && <ErrorNotice error={products.error} onRetry={products.reload} />}
      {products.loading && <ProductGridSkeleton />}
      {products.data && products.data.products.length === 0 && (
        <EmptyState icon="search" title={t('catalogue.none')} text={t('catalogue.none-text')}>
          <Button kind="plain" onClick={() => navigate('/')}>
            {t('catalogue.show-all')}
          </Button>
        </EmptyState>
      )}
      {products.data && products.data.products.length > 0 && (
        <>
          <ProductGrid products={products.data.products} />
          <Pages page={page} total={products.data.total} />
        </>
      )}
    </>
  );
}

function ProductGrid({ products }: { readonly products: readonly Product[] }): ReactElement {
  return (
    <ul className="grid grid-cols-2 gap-3 sm:gap-5 md:grid-cols-3 lg:grid-cols-4">
      {products.map((product) => (
        <li key={product.id}>
          <ProductCard product={product} />
        </li>
      ))}
    </ul>
  );
}

function Hero({ products }: { readonly products: readonly Product[] }): ReactElement {
  const { t, pick } = useI18n();
  const shown = products.slice(0, 3);
  return (
    <section
      aria-label={t('hero.title')}
      className="mb-8 grid items-center gap-6 overflow-hidden rounded-3xl bg-accent-soft px-6 py-8 sm:px-10 md:grid-cols-[1.2fr_1fr] md:py-12"
    >
      <div>
        <h1
          tabIndex={-1}
          className="font-display text-3xl leading-tight font-semibold tracking-tight sm:text-5xl"
        >
          {t('hero.title')}
        </h1>
        <p className="mt-4 max-w-lg text-lg text-ink/80">{t('hero.text')}</p>
        <Link
          to="/flash-sale"
          className="mt-6 inline-flex h-12 items-center rounded-full bg-accent px-7 font-medium text-on-accent transition-colors hover:bg-accent-hover"
        >
          {t('hero.action')}
        </Link>
      </div>
      <div aria-hidden="true" className="flex justify-center max-md:hidden">
        {shown.map((product, index) => (
          <div
            key={product.id}
            className={`w-40 shrink-0 overflow-hidden rounded-3xl border-4 border-surface shadow-float ${
              ['-rotate-6 translate-y-4', 'z-10 -mx-8 scale-110', 'rotate-6 translate-y-4'][index]
            }`}
          >
            <ProductArt image={product.image} sku={product.sku} name={pick(product.name)} />
          </div>
        ))}
      </div>
    </section>
  );
}

function CategoryBar(props: {
  readonly categories: readonly Category[];
  readonly chosen: string;
}): ReactElement {
  const { t, pick } = useI18n();
  const all = [{ id: '', name: { en: t('catalogue.everything'), zh: t('catalogue.everything') } }];
  return (
    <nav aria-label={t('catalogue.categories')} className="-mx-4 mb-8 overflow-x-auto px-4">
      <ul className="flex gap-2 pb-1">
        {[...all, ...props.categories].map(({ id, name }) => (
          <li key={id}>
            <Link
              to={id === '' ? '/' : `/?category=${encodeURIComponent(id)}`}
              aria-current={id === props.chosen ? 'true' : undefined}
              className="inline-flex h-10 items-center rounded-full border border-line bg-surface px-4 text-sm font-medium whitespace-nowrap hover:border-line-strong aria-[current=true]:border-accent aria-[current=true]:bg-accent aria-[current=true]:text-on-accent"
            >
              {pick(name)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** What others put into their carts: counted from the batches of cart events. */
function Popular(): ReactElement | null {
  const { t } = useI18n();
  const popular = useResource('popular', catalogue.popular);
  const products = popular.data?.products ?? [];
  if (products.length === 0) return null;
  return (
    <section aria-label={t('catalogue.popular')} className="mb-10">
      <h2 className="mb-5 font-display text-2xl font-semibold">{t('catalogue.popular')}</h2>
      <ProductGrid products={products.slice(0, POPULAR_MAX)} />
    </section>
  );
}

function Pages({
  page,
  total,
}: {
  readonly page: number;
  readonly total: number;
}): ReactElement | null {
  const { t } = useI18n();
  const { query } = useAddress();
  const last = Math.ceil(total / PAGE_SIZE);
  if (last <= 1) return null;
  const go = (to: number): void => {
    const next = new URLSearchParams(query);
    next.set('page', String(to));
    navigate(`/?${next}`);
    window.scrollTo(0, 0);
  };
  return (
    <nav aria-label={t('pages.label')} className="mt-8 flex items-center justify-center gap-4">
      <Button kind="plain" icon="left" disabled={page <= 1} onClick={() => go(page - 1)}>
        {t('pages.before')}
      </Button>
      <span className="text-sm text-muted">{t('pages.position', { page, last })}</span>
      <Button kind="plain" disabled={page >= last} onClick={() => go(page + 1)}>
        {t('pages.next')}
      </Button>
    </nav>
  );
}
