import type { ReactElement } from 'react';
import { control, type Metrics } from '../../api/control.ts';
import { LineChart } from '../../design/line-chart.tsx';
import { Card, ErrorNotice, Loading } from '../../design/surface.tsx';
import { useI18n } from '../../i18n/i18n.tsx';
import { useResource } from '../../state/resource.ts';

const POLL_MS = 2000;

export function Charts(): ReactElement {
  const { t } = useI18n();
  const metrics = useResource('control:metrics', control.metrics, { pollMs: POLL_MS });
  const points = metrics.data?.points ?? [];
  const times = points.map(({ atMs }) => atMs);
  return (
    <>
      {metrics.error && <ErrorNotice error={metrics.error} onRetry={metrics.reload} />}
      {metrics.loading && <Loading lines={2} />}
      {metrics.data && (
        <>
          <Totals metrics={metrics.data} />
          <div className="grid gap-6 xl:grid-cols-2">
            <Card label={t('chart.orders')}>
              <LineChart
                title={t('chart.orders')}
                unit={t('chart.per-second')}
                times={times}
                series={[
                  { name: t('chart.created'), values: points.map(({ created }) => created) },
                  { name: t('chart.confirmed'), values: points.map(({ confirmed }) => confirmed) },
                  { name: t('chart.cancelled'), values: points.map(({ cancelled }) => cancelled) },
                ]}
              />
            </Card>
            <Card label={t('chart.latency')}>
              <LineChart
                title={t('chart.latency')}
                unit="ms"
                times={times}
                series={[
                  { name: 'p50', values: points.map(({ p50Ms }) => p50Ms) },
                  { name: 'p99', values: points.map(({ p99Ms }) => p99Ms) },
                ]}
              />
            </Card>
          </div>
          <Lag metrics={metrics.data} />
        </>
      )}
    </>
  );
}

const TOTALS = ['created', 'confirmed', 'paid', 'shipped', 'cancelled', 'refunded'] as const;

function Totals({ metrics }: { readonly metrics: Metrics }): ReactElement {
  const { t, number } = useI18n();
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      {TOTALS.map((name) => (
        <div key={name} className="rounded-2xl border border-line bg-surface px-4 py-3 shadow-card">
          <dt className="text-xs text-muted">{t(`total.${name}`)}</dt>
          <dd className="text-xl font-semibold tabular-nums">
            {number(metrics.totals[name] ?? 0)}
          </dd>
        </div>
      ))}
      {typeof metrics.conflicts === 'number' && (
        <div className="rounded-2xl border border-line bg-surface px-4 py-3 shadow-card">
          <dt className="text-xs text-muted">{t('total.conflicts')}</dt>
          <dd className="text-xl font-semibold tabular-nums">{number(metrics.conflicts)}</dd>
        </div>
      )}
    </dl>
  );
}

/** Messages that wait, as bars: which consumer is behind. */
function Lag({ metrics }: { readonly metrics: Metrics }): ReactElement | null {
  const { t, number } = useI18n();
  const groups = metrics.lag ?? [];
  if (groups.length === 0) return null;
  const most = Math.max(...groups.map(({ lag }) => lag), 1);
  return (
    <Card label={t('lag.title')}>
      <h2 className="mb-3 font-semibold">{t('lag.title')}</h2>
      <ul className="grid gap-x-8 gap-y-2 sm:grid-cols-2">
        {groups.map(({ group, lag }) => (
          <li key={group} className="grid grid-cols-[1fr_auto] gap-x-4 text-sm">
            <span className="truncate font-mono text-xs">{group}</span>
            <span className="tabular-nums">{number(lag)}</span>
            <svg
              aria-hidden="true"
              className="col-span-2 h-1.5 w-full"
              viewBox="0 0 100 4"
              preserveAspectRatio="none"
            >
              <rect width="100" height="4" className="fill-sunken" />
              <rect width={(lag / most) * 100} height="4" className="fill-accent" />
            </svg>
          </li>
        ))}
      </ul>
    </Card>
  );
}
