import type { ReactElement } from 'react';
import { useI18n } from '../i18n/i18n.tsx';

/** A line of a sum, inside a `dl`. Nothing taken off is not shown. */
export function SumRow(props: {
  readonly label: string;
  readonly cents: number;
  readonly large?: boolean;
}): ReactElement | null {
  const { money } = useI18n();
  const { label, cents, large = false } = props;
  if (cents === 0 && !large) return null;
  const look = large ? 'border-t border-line pt-3 text-lg font-semibold' : 'text-sm';
  return (
    <div className={`flex items-baseline justify-between gap-4 ${look}`}>
      <dt className={large ? '' : 'text-muted'}>{label}</dt>
      <dd className="tabular-nums">{money(cents)}</dd>
    </div>
  );
}
