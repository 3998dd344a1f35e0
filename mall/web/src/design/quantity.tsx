import type { ReactElement } from 'react';
import { useI18n } from '../i18n/i18n.tsx';
import { QUANTITY_MAX } from '../state/cart-items.ts';
import { IconButton } from './button.tsx';

export interface QuantityProps {
  /** Of what, for screen readers. */
  readonly name: string;
  readonly value: number;
  readonly min?: number;
  readonly max?: number;
  onChange(value: number): void;
}

export function Quantity(props: QuantityProps): ReactElement {
  const { name, value, min = 1, onChange } = props;
  const { t } = useI18n();
  const max = Math.min(props.max ?? QUANTITY_MAX, QUANTITY_MAX);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a border and a legend
    <div
      role="group"
      aria-label={t('quantity.label', { name })}
      className="inline-flex items-center rounded-full border border-line-strong bg-surface"
    >
      <IconButton
        icon="minus"
        label={t('quantity.less')}
        disabled={value <= min}
        onClick={() => onChange(value - 1)}
      />
      <output aria-live="polite" className="min-w-8 text-center font-medium tabular-nums">
        {value}
      </output>
      <IconButton
        icon="plus"
        label={t('quantity.more')}
        disabled={value >= max}
        onClick={() => onChange(value + 1)}
      />
    </div>
  );
}
