import type { ReactElement } from 'react';
import type { OrderState } from '../api/types.ts';
import { Icon, type IconName } from '../design/icon.tsx';
import { type TextKey, useI18n } from '../i18n/i18n.tsx';

interface Stage {
  readonly icon: IconName;
  readonly text: TextKey;
}

const GOOD: readonly Stage[] = [
  { icon: 'list', text: 'stage.ordered' },
  { icon: 'box', text: 'stage.reserved' },
  { icon: 'card', text: 'stage.paid' },
  { icon: 'truck', text: 'stage.shipped' },
];

const CANCELLED: readonly Stage[] = [
  { icon: 'list', text: 'stage.ordered' },
  { icon: 'undo', text: 'stage.rolled-back' },
  { icon: 'cross', text: 'stage.cancelled' },
];

const REFUNDED: readonly Stage[] = [
  { icon: 'list', text: 'stage.ordered' },
  { icon: 'card', text: 'stage.paid' },
  { icon: 'undo', text: 'stage.refunded' },
];

/** How many stages are done. */
const DONE: Readonly<Record<OrderState, readonly [readonly Stage[], number]>> = {
  created: [GOOD, 1],
  'pre-ordered': [GOOD, 1],
  confirming: [GOOD, 1],
  'awaiting-payment': [GOOD, 2],
  paid: [GOOD, 3],
  shipped: [GOOD, 4],
  cancelling: [CANCELLED, 1],
  cancelled: [CANCELLED, 3],
  refunding: [REFUNDED, 2],
  refunded: [REFUNDED, 3],
};

export function OrderProgress({ state }: { readonly state: OrderState }): ReactElement {
  const { t } = useI18n();
  const [stages, done] = DONE[state];
  const isBad = stages === CANCELLED;
  return (
    <ol className="flex rounded-2xl border border-line bg-surface p-4 shadow-card sm:px-8">
      {stages.map(({ icon, text }, index) => {
        const isDone = index < done;
        const isNow = index === done;
        const ground = isDone
          ? isBad
            ? 'bg-bad-soft text-bad'
            : 'bg-accent text-on-accent'
          : 'bg-sunken text-muted';
        return (
          <li
            key={text}
            aria-current={isNow ? 'step' : undefined}
            className="relative flex flex-1 flex-col items-center gap-2 text-center text-xs font-medium sm:text-sm"
          >
            {index > 0 && (
              <span
                aria-hidden="true"
                className={`absolute top-5 right-[calc(50%+1.75rem)] left-[calc(-50%+1.75rem)] h-0.5 ${isDone ? (isBad ? 'bg-bad' : 'bg-accent') : 'bg-line'}`}
              />
            )}
            <span className={`grid size-10 place-items-center rounded-full ${ground}`}>
              <Icon name={isDone && !isBad ? 'check' : icon} size={20} />
            </span>
            <span className={isDone || isNow ? '' : 'text-muted'}>
              {t(text)}
              <span className="sr-only"> {t(isDone ? 'stage.done' : 'stage.open')}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
