/** The live page of an order: where it stands, what is to do, and everything that happened. */
import { type ReactElement, useEffect, useState } from 'react';
import { orders, payments } from '../api/shop.ts';
import type { Order, OrderState } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { OrderLines } from '../design/order-lines.tsx';
import { OrderStateBadge } from '../design/order-state.tsx';
import { SumRow } from '../design/sum-row.tsx';
import { Card, ErrorNotice, Loading, Notice, PageHeading } from '../design/surface.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { SignedIn } from '../layout/signed-in.tsx';
import { type LiveOrder, useOrder } from '../live/use-order.ts';
import { forget } from '../state/resource.ts';
import { usePageTitle } from '../state/router.tsx';
import { useSession } from '../state/session.tsx';
import { OrderProgress } from './order-progress.tsx';
import { ConnectionBadge, OrderTimeline } from './order-timeline.tsx';

export function OrderPage({ id }: { readonly id: string }): ReactElement {
  const { t } = useI18n();
  usePageTitle(t('order.title'));
  return <SignedIn>{() => <LiveOrderPage id={id} />}</SignedIn>;
}

function LiveOrderPage({ id }: { readonly id: string }): ReactElement {
  const { t, dateTime } = useI18n();
  const live = useOrder(id);
  const { order, state, error } = live;
  useFreshBalance(state);
  if (order === undefined || state === undefined) {
    return error ? <ErrorNotice error={error} onRetry={live.reload} /> : <Loading />;
  }
  return (
    <>
      <PageHeading title={t('order.title')} lead={dateTime(order.createdMs)}>
        <span data-testid="order-state" data-state={state}>
          <OrderStateBadge state={state} />
        </span>
      </PageHeading>
      <OrderProgress state={state} />
      <div className="mt-6 grid items-start gap-6 lg:grid-cols-[1fr_22rem]">
        <Card label={t('timeline.title')} className="p-5 sm:p-6">
          <div className="mb-5 flex flex-wrap items-center justify-between gap-2">
            <h2 className="font-display text-xl font-semibold">{t('timeline.title')}</h2>
            <ConnectionBadge stream={live.stream} isOver={isOver(state)} />
          </div>
          <OrderTimeline events={live.events} createdMs={order.createdMs} />
        </Card>
        <div className="grid gap-6 max-lg:contents">
          <div className="max-lg:order-first">
            <Actions live={live} order={order} state={state} />
          </div>
          <Summary order={order} />
        </div>
      </div>
    </>
  );
}

function isOver(state: OrderState): boolean {
  return state === 'cancelled' || state === 'refunded' || state === 'shipped';
}

/** Balance, points and coupons change where an order moves on. */
function useFreshBalance(state: OrderState | undefined): void {
  const { refresh } = useSession();
  useEffect(() => {
    if (state === undefined) return;
    forget('coupons');
    forget('orders');
    forget('ledger');
    void refresh();
  }, [state, refresh]);
}

interface ActionsProps {
  readonly live: LiveOrder;
  readonly order: Order;
  readonly state: OrderState;
}

function Actions({ live, order, state }: ActionsProps): ReactElement {
  const { t, tOr, money } = useI18n();
  const [busy, setBusy] = useState<'pay' | 'cancel' | 'refund'>();
  const [error, setError] = useState<unknown>();
  const run = async (what: 'pay' | 'cancel' | 'refund'): Promise<void> => {
    setBusy(what);
    setError(undefined);
    try {
      if (what === 'pay') location.assign((await payments.create(order.id)).payUrl);
      else await (what === 'cancel' ? orders.cancel(order.id) : orders.refund(order.id));
      live.reload();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(undefined);
    }
  };
  const canCancel = ['created', 'pre-ordered', 'confirming', 'awaiting-payment'].includes(state);
  return (
    <Card label={t('order.next')} className="grid gap-4 p-6">
      {state === 'awaiting-payment' && (
        <>
          <p className="text-sm text-muted">{t('order.to-pay')}</p>
          <p className="text-3xl font-semibold tabular-nums">{money(order.payableCents)}</p>
          <Countdown untilMs={order.expiresMs} />
          <Button size="large" icon="card" busy={busy === 'pay'} onClick={() => void run('pay')}>
            {t('order.pay')}
          </Button>
        </>
      )}
      {state === 'cancelled' && (
        <Notice tone="bad">
          <p className="font-medium">{t('order.cancelled')}</p>
          <p className="text-sm" data-testid="cancel-reason">
            {tOr(`reason.${order.cancelCode}`, t('reason.unknown'))}
          </p>
          <p className="mt-2 text-sm">{t('order.cancelled-text')}</p>
        </Notice>
      )}
      {state !== 'awaiting-payment' && state !== 'cancelled' && (
        <Notice tone={state === 'paid' || state === 'shipped' ? 'good' : 'accent'}>
          {tOr(`order-next.${state}`, '')}
        </Notice>
      )}
      {error !== undefined && <ErrorNotice error={error} />}
      {canCancel && (
        <Button kind="quiet" busy={busy === 'cancel'} onClick={() => void run('cancel')}>
          {t('order.cancel')}
        </Button>
      )}
      {state === 'paid' && (
        <Button kind="quiet" busy={busy === 'refund'} onClick={() => void run('refund')}>
          {t('order.refund')}
        </Button>
      )}
    </Card>
  );
}

/** Minutes and seconds until an unpaid order is cancelled. Silent for screen readers but once. */
function Countdown({ untilMs }: { readonly untilMs: number }): ReactElement {
  const { t, time } = useI18n();
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(Math.ceil((untilMs - nowMs) / 1000), 0);
  const left = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  return (
    <p className="text-sm text-muted">
      {t('order.until', { time: time(untilMs) })}{' '}
      <span aria-hidden="true" className="font-mono font-semibold text-warn">
        {left}
      </span>
    </p>
  );
}

function Summary({ order }: { readonly order: Order }): ReactElement {
  const { t } = useI18n();
  return (
    <Card label={t('order.summary')} className="p-6">
      <h2 className="mb-2 font-semibold">{t('order.summary')}</h2>
      <OrderLines items={order.items} />
      <dl className="mt-3 grid gap-2 border-t border-line pt-4">
        <SumRow label={t('sum.items')} cents={order.totalCents} />
        <SumRow label={t('sum.coupon')} cents={-order.couponCents} />
        <SumRow label={t('sum.balance')} cents={-order.balanceCents} />
        <SumRow label={t('sum.payable')} cents={order.payableCents} large />
      </dl>
      <p className="mt-4 text-xs text-muted">
        {t('order.number')} <span className="font-mono break-all">{order.id}</span>
      </p>
    </Card>
  );
}
