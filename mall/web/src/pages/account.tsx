import type { ReactElement, ReactNode } from 'react';
import { coupons, users } from '../api/shop.ts';
import type { Coupon, LedgerEntry, User } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { Icon, type IconName } from '../design/icon.tsx';
import {
  Badge,
  Card,
  ErrorNotice,
  Loading,
  PageHeading,
  type Tone,
  useErrorText,
} from '../design/surface.tsx';
import { useToast } from '../design/toast.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { SignedIn } from '../layout/signed-in.tsx';
import { useResource } from '../state/resource.ts';
import { Link, navigate, usePageTitle } from '../state/router.tsx';
import { useSession } from '../state/session.tsx';

export function AccountPage(): ReactElement {
  const { t } = useI18n();
  usePageTitle(t('nav.account'));
  return <SignedIn>{(user) => <Account user={user} />}</SignedIn>;
}

function Account({ user }: { readonly user: User }): ReactElement {
  const { t, money, number } = useI18n();
  const { signOut } = useSession();
  const say = useToast();
  const textOf = useErrorText();
  const leave = async (): Promise<void> => {
    try {
      await signOut();
      navigate('/');
    } catch (error) {
      say(textOf(error), 'bad');
    }
  };
  return (
    <>
      <PageHeading title={t('account.hello', { name: user.name })} lead={user.email}>
        <Button kind="plain" icon="out" onClick={() => void leave()}>
          {t('nav.sign-out')}
        </Button>
      </PageHeading>
      <div className="mb-6 grid gap-4 sm:grid-cols-2">
        <Figure icon="wallet" label={t('account.balance')} testId="balance">
          {money(user.balanceCents)}
        </Figure>
        <Figure icon="star" label={t('account.points')} testId="points">
          {number(user.points)}
        </Figure>
      </div>
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <Coupons />
        <Ledger />
      </div>
    </>
  );
}

function Figure(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly testId: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <Card className="flex items-center gap-4 p-5">
      <span className="grid size-12 place-items-center rounded-full bg-accent-soft text-accent">
        <Icon name={props.icon} size={24} />
      </span>
      <p>
        <span className="block text-sm text-muted">{props.label}</span>
        <span data-testid={props.testId} className="text-2xl font-semibold tabular-nums">
          {props.children}
        </span>
      </p>
    </Card>
  );
}

const COUPON_TONES: Readonly<Record<Coupon['state'], Tone>> = {
  unused: 'good',
  locked: 'warn',
  used: 'plain',
};

function Coupons(): ReactElement {
  const { t, pick, money, dateTime } = useI18n();
  const mine = useResource('coupons', coupons.mine);
  const found = mine.data?.coupons;
  return (
    <Card label={t('account.coupons')}>
      <h2 className="mb-3 font-display text-xl font-semibold">{t('account.coupons')}</h2>
      {mine.error && <ErrorNotice error={mine.error} onRetry={mine.reload} />}
      {mine.loading && <Loading lines={2} />}
      {found?.length === 0 && <p className="text-muted">{t('coupon.none')}</p>}
      <ul className="grid gap-3">
        {found?.map((coupon) => (
          <li
            key={coupon.id}
            data-testid="coupon"
            data-state={coupon.state}
            className="flex items-center gap-4 rounded-xl border border-dashed border-line-strong px-4 py-3"
          >
            <Icon name="ticket" className="text-accent" />
            <span className="min-w-0 flex-1">
              <span className="block font-medium">{pick(coupon.name)}</span>
              <span className="text-sm text-muted">
                {t('coupon.minimum', { amount: money(coupon.minimumCents) })} ·{' '}
                {t('coupon.expires', { date: dateTime(coupon.expiresMs) })}
              </span>
            </span>
            <Badge tone={COUPON_TONES[coupon.state]}>{t(`coupon-state.${coupon.state}`)}</Badge>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Ledger(): ReactElement {
  const { t } = useI18n();
  const ledger = useResource('ledger', users.ledger);
  const entries = ledger.data?.entries;
  return (
    <Card label={t('account.ledger')}>
      <h2 className="mb-3 font-display text-xl font-semibold">{t('account.ledger')}</h2>
      {ledger.error && <ErrorNotice error={ledger.error} onRetry={ledger.reload} />}
      {ledger.loading && <Loading lines={2} />}
      <ul className="divide-y divide-line">
        {entries?.map((entry) => (
          <LedgerRow key={entry.id} entry={entry} />
        ))}
      </ul>
    </Card>
  );
}

function LedgerRow({ entry }: { readonly entry: LedgerEntry }): ReactElement {
  const { tOr, money, dateTime } = useI18n();
  const { kind, amountCents, atMs, orderId } = entry;
  const isIn = amountCents >= 0;
  return (
    <li className="flex items-center gap-3 py-3">
      <span className="min-w-0 flex-1">
        {orderId ? (
          <Link to={`/orders/${orderId}`} className="font-medium underline underline-offset-4">
            {tOr(`ledger.${kind}`, kind)}
          </Link>
        ) : (
          <span className="font-medium">{tOr(`ledger.${kind}`, kind)}</span>
        )}
        <span className="block text-sm text-muted">{dateTime(atMs)}</span>
      </span>
      <span className={`font-semibold tabular-nums ${isIn ? 'text-good' : ''}`}>
        {isIn ? '+' : ''}
        {money(amountCents)}
      </span>
    </li>
  );
}
