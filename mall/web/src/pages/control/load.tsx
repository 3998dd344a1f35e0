import { type ReactElement, useEffect, useId, useState } from 'react';
import { control } from '../../api/control.ts';
import { Card, ErrorNotice } from '../../design/surface.tsx';
import { useI18n } from '../../i18n/i18n.tsx';
import { useResource } from '../../state/resource.ts';

const POLL_MS = 2000;
const RATE_MAX = 100;
/** The slider may be moving: what is sent is where it rests. */
const SETTLE_MS = 250;

/** Buyers who are no people: the rate slider. */
export function LoadPanel(): ReactElement {
  const { t, number } = useI18n();
  const id = useId();
  const load = useResource('control:load', control.load, { pollMs: POLL_MS });
  const [wanted, setWanted] = useState<number>();
  const [error, setError] = useState<unknown>();
  const rate = wanted ?? load.data?.ratePerSecond ?? 0;

  useEffect(() => {
    if (wanted === undefined) return;
    const timer = setTimeout(() => {
      control.putLoad(wanted).then(
        () => {
          setError(undefined);
          setWanted(undefined);
          load.reload();
        },
        (cause: unknown) => setError(cause),
      );
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [wanted, load.reload]);

  return (
    <Card label={t('load.title')}>
      <h2 className="mb-3 font-display text-xl font-semibold">{t('load.title')}</h2>
      {(error ?? load.error) !== undefined && <ErrorNotice error={error ?? load.error} />}
      <label htmlFor={id} className="flex items-baseline justify-between text-sm font-medium">
        {t('load.rate')}
        <output htmlFor={id} className="text-2xl font-semibold tabular-nums">
          {number(rate)}
        </output>
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={RATE_MAX}
        step={1}
        value={rate}
        aria-valuetext={t('load.per-second', { count: rate })}
        onChange={({ target }) => setWanted(Number(target.value))}
        className="mt-3 w-full accent-(--accent)"
      />
      {load.data && (
        <dl className="mt-4 grid grid-cols-2 gap-3 text-sm">
          <Figure label={t('load.done')} value={number(load.data.done)} />
          <Figure label={t('load.failed')} value={number(load.data.failed)} />
          <Figure label={t('load.running')} value={number(load.data.running)} />
          <Figure label={t('load.skipped')} value={number(load.data.skipped)} />
        </dl>
      )}
      {load.data?.lastError && (
        <p className="mt-3 text-sm break-words text-bad">{load.data.lastError}</p>
      )}
    </Card>
  );
}

function Figure({
  label,
  value,
}: {
  readonly label: string;
  readonly value: string;
}): ReactElement {
  return (
    <div>
      <dt className="text-muted">{label}</dt>
      <dd className="font-semibold tabular-nums">{value}</dd>
    </div>
  );
}
