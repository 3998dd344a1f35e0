/** The flash sale: few pieces, many buyers, and the proof that exactly so many were sold. */
import { type FormEvent, type ReactElement, useState } from 'react';
import { control, type FlashSale } from '../api/control.ts';
import { ApiError } from '../api/http.ts';
import { catalogue } from '../api/shop.ts';
import type { Product } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { Icon } from '../design/icon.tsx';
import { ProductCard, ProductGridSkeleton } from '../design/product-card.tsx';
import { Card, ErrorNotice, PageHeading } from '../design/surface.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { useResource } from '../state/resource.ts';
import { usePageTitle } from '../state/router.tsx';

const BUYERS = 1000;
const PIECES = 100;
const BUYERS_MAX = 5000;
const POLL_MS = 1000;
const PAGES_MAX = 20;

export function FlashSalePage(): ReactElement {
  const { t } = useI18n();
  usePageTitle(t('flash.title'));
  const offers = useResource('flash-products', readOffers);
  return (
    <>
      <PageHeading title={t('flash.title')} lead={t('flash.lead')} />
      {offers.error && <ErrorNotice error={offers.error} onRetry={offers.reload} />}
      {offers.loading && <ProductGridSkeleton count={4} />}
      <ul className="mb-10 grid grid-cols-2 gap-3 sm:gap-5 lg:grid-cols-4">
        {offers.data?.map((product) => (
          <li key={product.id}>
            <ProductCard product={product} />
          </li>
        ))}
      </ul>
      <Rush />
    </>
  );
}

/** Looks through the catalogue for what is in the sale. */
async function readOffers(signal: AbortSignal): Promise<readonly Product[]> {
  const offers: Product[] = [];
  let seen = 0;
  for (let page = 1; page <= PAGES_MAX; page++) {
    const { products, total } = await catalogue.products({ page }, signal);
    offers.push(...products.filter(({ flashSale }) => flashSale === true));
    seen += products.length;
    if (products.length === 0 || seen >= total) break;
  }
  return offers;
}

/** A thousand buyers at once, for whoever wants to see it hold. */
function Rush(): ReactElement {
  const { t } = useI18n();
  const sale = useResource('control:flash-sale', control.flashSale, { pollMs: POLL_MS });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const isForbidden = sale.error instanceof ApiError && [401, 403].includes(sale.error.status);
  const start = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(undefined);
    try {
      await control.startFlashSale(Number(form.get('buyers')), Number(form.get('pieces')));
      sale.reload();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card label={t('flash.rush')} className="grid gap-6 p-6 md:grid-cols-[20rem_1fr] md:p-8">
      <div>
        <h2 className="font-display text-2xl font-semibold">{t('flash.rush')}</h2>
        <p className="mt-2 text-muted">{t('flash.rush-text')}</p>
        {isForbidden ? (
          <p className="mt-4 text-sm text-muted">{t('flash.staff-only')}</p>
        ) : (
          <form className="mt-5 grid gap-4" onSubmit={(event) => void start(event)}>
            <div className="grid grid-cols-2 gap-3">
              <TextField
                label={t('flash.buyers')}
                name="buyers"
                type="number"
                min={1}
                max={BUYERS_MAX}
                defaultValue={BUYERS}
                required
              />
              <TextField
                label={t('flash.pieces')}
                name="pieces"
                type="number"
                min={1}
                max={BUYERS_MAX}
                defaultValue={PIECES}
                required
              />
            </div>
            <Button type="submit" size="large" icon="bolt" busy={busy}>
              {t('flash.start')}
            </Button>
          </form>
        )}
        {error !== undefined && <ErrorNotice error={error} />}
      </div>
      {sale.data && sale.data.state !== 'idle' ? (
        <Outcome sale={sale.data} />
      ) : (
        <p className="text-muted">{t('flash.never')}</p>
      )}
    </Card>
  );
}

function Outcome({ sale }: { readonly sale: FlashSale }): ReactElement {
  const { t, tOr, number } = useI18n();
  const { pieces, buyers, sold, refused } = sale;
  const isRight = sold === Math.min(pieces, buyers);
  const done = buyers === 0 ? 0 : Math.min((sold + refused) / buyers, 1);
  const isOver = sale.state === 'done';
  return (
    <div className="grid content-start gap-5" data-testid="flash-sale" data-state={sale.state}>
      <p className="flex items-baseline gap-3">
        <span className="font-display text-6xl font-semibold tabular-nums">{number(sold)}</span>
        <span className="text-muted">{t('flash.sold-of', { count: number(pieces) })}</span>
      </p>
      <svg
        viewBox="0 0 100 3"
        preserveAspectRatio="none"
        className="h-3 w-full rounded-full"
        role="img"
        aria-label={t('flash.progress', { share: number(done * 100) })}
      >
        <rect width="100" height="3" className="fill-sunken" />
        <rect width={done * 100} height="3" className="fill-accent" />
      </svg>
      <dl className="grid grid-cols-2 gap-4 text-sm sm:grid-cols-4">
        {(['buyers', 'pieces', 'refused', 'conflicts'] as const).map((name) => (
          <div key={name}>
            <dt className="text-muted">{t(`flash.${name}`)}</dt>
            <dd className="text-lg font-semibold tabular-nums">{number(sale[name] ?? 0)}</dd>
          </div>
        ))}
      </dl>
      <p role="status" className="flex items-center gap-2 font-medium">
        {isOver ? (
          <span className={`inline-flex items-center gap-2 ${isRight ? 'text-good' : 'text-bad'}`}>
            <Icon name={isRight ? 'check' : 'warn'} />
            {t(isRight ? 'flash.exact' : 'flash.wrong', { count: number(sold) })}
          </span>
        ) : (
          <span className={sale.state === 'failed' ? 'text-bad' : 'text-muted'}>
            {tOr(`flash-state.${sale.state}`, sale.state)} {sale.error}
          </span>
        )}
      </p>
    </div>
  );
}
