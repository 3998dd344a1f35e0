import type { ReactElement } from 'react';
import { control, type Invariant } from '../../api/control.ts';
import { Icon } from '../../design/icon.tsx';
import { ErrorNotice, Loading } from '../../design/surface.tsx';
import { type I18n, useI18n } from '../../i18n/i18n.tsx';
import { useResource } from '../../state/resource.ts';

const POLL_MS = 2000;

/** What must always hold, computed from the books of all services at this moment. */
export function Invariants(): ReactElement {
  const { t } = useI18n();
  const found = useResource('control:invariants', control.invariants, { pollMs: POLL_MS });
  const invariants = found.data?.invariants;
  const broken = invariants?.filter(({ ok }) => !ok).length ?? 0;
  return (
    <section aria-labelledby="invariants">
      <div className="mb-3 flex items-baseline justify-between gap-4">
        <h2 id="invariants" className="font-display text-xl font-semibold">
          {t('invariants.title')}
        </h2>
        <p
          role="status"
          className={`text-sm font-semibold ${broken > 0 ? 'text-bad' : 'text-good'}`}
        >
          {invariants &&
            (broken > 0 ? t('invariants.broken', { count: broken }) : t('invariants.ok'))}
        </p>
      </div>
      {found.error && <ErrorNotice error={found.error} onRetry={found.reload} />}
      {found.loading && <Loading lines={1} />}
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {invariants?.map((one) => (
          <li
            key={one.name}
            data-testid="invariant"
            data-ok={one.ok}
            className={`rounded-2xl border p-4 ${one.ok ? 'border-good/40 bg-good-soft' : 'border-bad bg-bad-soft'}`}
          >
            <p
              className={`flex items-start gap-2 font-medium ${one.ok ? 'text-good' : 'text-bad'}`}
            >
              <Icon name={one.ok ? 'check' : 'warn'} />
              <span>
                <span className="sr-only">
                  {t(one.ok ? 'invariants.holds' : 'invariants.fails')}:{' '}
                </span>
                <Name of={one} />
              </span>
            </p>
            <p className="mt-2 text-xs text-ink">
              <Values of={one} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Name({ of }: { readonly of: Invariant }): ReactElement {
  const { tOr } = useI18n();
  return <>{tOr(`invariant.${of.name}`, of.name)}</>;
}

function Values({ of }: { readonly of: Invariant }): ReactElement {
  const i18n = useI18n();
  const values = Object.entries(of.values ?? {});
  if (values.length === 0) return <>{of.detail}</>;
  return (
    <>
      {values.map(([name, value]) => (
        <span key={name} className="flex justify-between gap-3">
          <span>{i18n.tOr(`value.${name}`, i18n.tOr(`order-state.${name}`, name))}</span>
          <span className="font-mono">{show(name, value, i18n)}</span>
        </span>
      ))}
    </>
  );
}

const MONEY = /Cents$|^(ledger|balances)$/;

function show(name: string, value: number | string, { money, number }: I18n): string {
  if (typeof value === 'string') return value;
  return MONEY.test(name) ? money(value) : number(value);
}
