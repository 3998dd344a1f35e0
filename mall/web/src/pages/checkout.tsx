import { type ReactElement, useRef, useState } from 'react';
import { coupons, orders } from '../api/shop.ts';
import type { Coupon, User } from '../api/types.ts';
import { Button, LinkButton } from '../design/button.tsx';
import { OrderLines } from '../design/order-lines.tsx';
import { SumRow } from '../design/sum-row.tsx';
import { Card, EmptyState, ErrorNotice, Loading, Notice, PageHeading } from '../design/surface.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { SignedIn } from '../layout/signed-in.tsx';
import { useCart } from '../state/cart.tsx';
import { type CartLines, useCartLines } from '../state/cart-products.ts';
import { sumUp } from '../state/checkout.ts';
import { forget, useResource } from '../state/resource.ts';
import { navigate, usePageTitle } from '../state/router.tsx';
import { useSession } from '../state/session.tsx';
import { BalanceChoice, CouponChoice } from './checkout-choices.tsx';

export function CheckoutPage(): ReactElement {
  const { t } = useI18n();
  usePageTitle(t('checkout.title'));
  return <SignedIn>{(user) => <Checkout user={user} />}</SignedIn>;
}

function Checkout({ user }: { readonly user: User }): ReactElement {
  const { t } = useI18n();
  const cart = useCartLines();
  return (
    <>
      <PageHeading title={t('checkout.title')} lead={t('checkout.lead')} />
      {cart.error && <ErrorNotice error={cart.error} onRetry={cart.reload} />}
      {cart.loading && <Loading />}
      {!cart.loading && !cart.error && cart.lines.length === 0 && (
        <EmptyState icon="cart" title={t('cart.empty')} text={t('cart.empty-text')}>
          <LinkButton to="/">{t('cart.browse')}</LinkButton>
        </EmptyState>
      )}
      {cart.lines.length > 0 && <Form user={user} cart={cart} />}
    </>
  );
}

function Form({ user, cart }: { readonly user: User; readonly cart: CartLines }): ReactElement {
  const { t } = useI18n();
  const mine = useResource('coupons', coupons.mine);
  const [coupon, setCoupon] = useState<Coupon>();
  const [wantedCents, setWantedCents] = useState(0);
  const { place, busy, error } = usePlaceOrder();
  const sums = sumUp(cart.totalCents, coupon, Math.min(wantedCents, user.balanceCents));
  const items = cart.lines.map(({ product, quantity }) => {
    const { id: productId, sku, name, image, priceCents } = product;
    return { productId, sku, name, image, priceCents, quantity };
  });
  const submit = (): void => {
    void place({
      items: items.map(({ productId, quantity, priceCents }) => ({
        productId,
        quantity,
        priceCents,
      })),
      ...(coupon && { couponId: coupon.id }),
      ...(sums.balanceCents > 0 && { useBalanceCents: sums.balanceCents }),
    });
  };
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[1fr_22rem]">
      <div className="grid gap-6">
        <Card label={t('checkout.items')}>
          <h2 className="mb-3 font-semibold">{t('checkout.items')}</h2>
          <OrderLines items={items} />
        </Card>
        <Card label={t('checkout.coupon')}>
          {mine.error && <ErrorNotice error={mine.error} onRetry={mine.reload} />}
          <CouponChoice
            coupons={mine.data?.coupons}
            totalCents={cart.totalCents}
            chosen={coupon}
            onChoose={setCoupon}
          />
        </Card>
        <Card label={t('checkout.balance')}>
          <BalanceChoice
            balanceCents={user.balanceCents}
            dueCents={sums.totalCents - sums.couponCents}
            usedCents={sums.balanceCents}
            onChange={setWantedCents}
          />
        </Card>
      </div>
      <Card label={t('checkout.sums')} className="grid gap-3 p-6 lg:sticky lg:top-24">
        <dl className="grid gap-2">
          <SumRow label={t('sum.items')} cents={sums.totalCents} />
          <SumRow label={t('sum.coupon')} cents={-sums.couponCents} />
          <SumRow label={t('sum.balance')} cents={-sums.balanceCents} />
          <SumRow label={t('sum.payable')} cents={sums.payableCents} large />
        </dl>
        {cart.hasShort && <Notice tone="warn">{t('cart.short')}</Notice>}
        {error !== undefined && <ErrorNotice error={error} />}
        <Button size="large" busy={busy} onClick={submit}>
          {t('checkout.place')}
        </Button>
        <p className="text-sm text-muted">{t('checkout.promise')}</p>
      </Card>
    </div>
  );
}

type Draft = Omit<Parameters<typeof orders.place>[0], 'requestId'>;

interface PlaceOrder {
  readonly busy: boolean;
  readonly error: unknown;
  place(draft: Draft): Promise<void>;
}

function usePlaceOrder(): PlaceOrder {
  const cart = useCart();
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  // An answer that got lost must not become a second order: the same order keeps its number
  // until the server has taken it.
  const pending = useRef<{ text: string; requestId: string }>(undefined);
  const place = async (draft: Draft): Promise<void> => {
    const text = JSON.stringify(draft);
    if (pending.current?.text !== text) {
      pending.current = { text, requestId: crypto.randomUUID() };
    }
    setBusy(true);
    setError(undefined);
    try {
      const { orderId } = await orders.place({ ...draft, requestId: pending.current.requestId });
      pending.current = undefined;
      cart.clear();
      forget('coupons');
      forget('orders');
      void session.refresh();
      navigate(`/orders/${orderId}`);
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };
  return { place, busy, error };
}
