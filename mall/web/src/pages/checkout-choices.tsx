import { type ReactElement, useState } from 'react';
import type { Coupon } from '../api/types.ts';
import { Switch, TextField } from '../design/field.tsx';
import { Skeleton } from '../design/surface.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { discountOf, isUsable, parseAmount } from '../state/checkout.ts';

export interface CouponChoiceProps {
  /** Undefined while they are being loaded. */
  readonly coupons: readonly Coupon[] | undefined;
  readonly totalCents: number;
  readonly chosen: Coupon | undefined;
  onChoose(coupon: Coupon | undefined): void;
}

export function CouponChoice(props: CouponChoiceProps): ReactElement {
  const { t, pick, money } = useI18n();
  const { totalCents, chosen, onChoose } = props;
  const nowMs = Date.now();
  const offered = (props.coupons ?? []).filter(({ state }) => state === 'unused');
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-3 font-semibold">{t('checkout.coupon')}</legend>
      {props.coupons === undefined && <Skeleton className="h-12" />}
      {props.coupons !== undefined && offered.length === 0 && (
        <p className="text-sm text-muted">{t('coupon.none')}</p>
      )}
      {offered.map((coupon) => {
        const usable = isUsable(coupon, totalCents, nowMs);
        return (
          <Choice
            key={coupon.id}
            label={pick(coupon.name)}
            hint={
              usable
                ? t('coupon.saves', { amount: money(discountOf(coupon, totalCents)) })
                : t('coupon.minimum', { amount: money(coupon.minimumCents) })
            }
            checked={chosen?.id === coupon.id}
            disabled={!usable}
            onChoose={() => onChoose(coupon)}
          />
        );
      })}
      {offered.length > 0 && (
        <Choice
          label={t('coupon.without')}
          checked={chosen === undefined}
          onChoose={() => onChoose(undefined)}
        />
      )}
    </fieldset>
  );
}

function Choice(props: {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  onChoose(): void;
}): ReactElement {
  return (
    <label
      className={`flex items-center gap-3 rounded-xl border px-4 py-3 ${
        props.checked ? 'border-accent bg-accent-soft' : 'border-line'
      } ${props.disabled ? 'cursor-not-allowed text-muted' : 'cursor-pointer hover:border-line-strong'}`}
    >
      <input
        type="radio"
        name="coupon"
        className="size-4.5 accent-(--accent)"
        checked={props.checked}
        disabled={props.disabled}
        onChange={props.onChoose}
      />
      <span className="flex-1 font-medium">{props.label}</span>
      {props.hint && <span className="text-sm">{props.hint}</span>}
    </label>
  );
}

export interface BalanceChoiceProps {
  readonly balanceCents: number;
  /** What is to be paid without the balance. */
  readonly dueCents: number;
  readonly usedCents: number;
  onChange(cents: number): void;
}

export function BalanceChoice(props: BalanceChoiceProps): ReactElement {
  const { t, money } = useI18n();
  const { balanceCents, dueCents, onChange } = props;
  const most = Math.min(balanceCents, dueCents);
  const [on, setOn] = useState(false);
  const [text, setText] = useState('');
  const cents = parseAmount(text);
  const isWrong = cents === undefined || cents > most;
  return (
    <div className="grid gap-3">
      <h2 className="font-semibold">{t('checkout.balance')}</h2>
      <Switch
        label={t('balance.use')}
        hint={t('balance.have', { amount: money(balanceCents) })}
        checked={on}
        disabled={most <= 0}
        onChange={(next) => {
          setOn(next);
          setText((most / 100).toFixed(2));
          onChange(next ? most : 0);
        }}
      />
      {on && (
        <TextField
          label={t('balance.amount')}
          inputMode="decimal"
          value={text}
          error={isWrong ? t('balance.wrong', { amount: money(most) }) : undefined}
          onChange={(event) => {
            const typed = event.target.value;
            setText(typed);
            onChange(Math.min(parseAmount(typed) ?? 0, most));
          }}
        />
      )}
    </div>
  );
}
