import type { ReactElement } from 'react';
import type { OrderState } from '../api/types.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { Badge, type Tone } from './surface.tsx';

const TONES: Readonly<Record<OrderState, Tone>> = {
  created: 'plain',
  'pre-ordered': 'plain',
  confirming: 'accent',
  'awaiting-payment': 'warn',
  paid: 'good',
  shipped: 'good',
  cancelling: 'warn',
  cancelled: 'bad',
  refunding: 'warn',
  refunded: 'plain',
};

export function OrderStateBadge({ state }: { readonly state: OrderState }): ReactElement {
  const { tOr } = useI18n();
  return <Badge tone={TONES[state] ?? 'plain'}>{tOr(`order-state.${state}`, state)}</Badge>;
}
