/** Grounds, badges, notices, and what is shown while there is nothing to show. */
import type { ReactElement, ReactNode } from 'react';
import { ApiError } from '../api/http.ts';
import { useI18n } from '../i18n/i18n.tsx';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';

export function Card(props: {
  readonly children: ReactNode;
  readonly className?: string;
  readonly label?: string;
}): ReactElement {
  const look = `rounded-2xl border border-line bg-surface shadow-card ${props.className ?? 'p-5'}`;
  if (props.label === undefined) return <div className={look}>{props.children}</div>;
  return (
    <section aria-label={props.label} className={look}>
      {props.children}
    </section>
  );
}

export type Tone = 'plain' | 'accent' | 'good' | 'warn' | 'bad' | 'sale';

const TONES: Readonly<Record<Tone, string>> = {
  plain: 'bg-sunken text-ink',
  accent: 'bg-accent-soft text-accent',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  sale: 'bg-sale-soft text-sale',
};

export function Badge(props: { readonly tone?: Tone; readonly children: ReactNode }): ReactElement {
  const tone = TONES[props.tone ?? 'plain'];
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap ${tone}`}
    >
      {props.children}
    </span>
  );
}

/** Something the visitor should know. Errors are said at once by screen readers. */
export function Notice(props: {
  readonly tone: Tone;
  readonly icon?: IconName;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div
      role={props.tone === 'bad' ? 'alert' : 'status'}
      className={`flex items-start gap-3 rounded-xl p-4 ${TONES[props.tone]}`}
    >
      <Icon name={props.icon ?? (props.tone === 'bad' ? 'warn' : 'info')} className="mt-0.5" />
      <div className="min-w-0 flex-1">{props.children}</div>
    </div>
  );
}

/** What went wrong, in the visitor's language, and what to do. */
export function useErrorText(): (error: unknown) => string {
  const { t, tOr } = useI18n();
  return (error) => {
    if (!(error instanceof ApiError)) return t('error.unknown');
    const fallback =
      error.status === 429
        ? t('error.too-many')
        : error.status >= 500 || error.status === 0
          ? t('error.server')
          : error.message || t('error.unknown');
    return tOr(`error.${error.code}`, fallback);
  };
}

export function ErrorNotice(props: {
  readonly error: unknown;
  readonly onRetry?: () => void;
}): ReactElement {
  const { t } = useI18n();
  const textOf = useErrorText();
  return (
    <Notice tone="bad">
      <p>{textOf(props.error)}</p>
      {props.onRetry && (
        <Button kind="plain" size="small" icon="refresh" className="mt-3" onClick={props.onRetry}>
          {t('action.retry')}
        </Button>
      )}
    </Notice>
  );
}

export function Skeleton({ className = '' }: { readonly className?: string }): ReactElement {
  return <span aria-hidden="true" className={`skeleton block rounded-lg ${className}`} />;
}

/** A list that is being loaded: grey lines, and a word for screen readers. */
export function Loading({ lines = 4 }: { readonly lines?: number }): ReactElement {
  const { t } = useI18n();
  return (
    <div role="status" className="grid gap-3">
      <span className="sr-only">{t('state.loading')}</span>
      {Array.from({ length: lines }, (_, index) => `line-${index}`).map((key) => (
        <Skeleton key={key} className="h-16" />
      ))}
    </div>
  );
}

export function EmptyState(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  readonly children?: ReactNode;
}): ReactElement {
  return (
    <div className="mx-auto grid max-w-md justify-items-center gap-3 py-16 text-center">
      <span className="grid size-20 place-items-center rounded-full bg-accent-soft text-accent">
        <Icon name={props.icon} size={34} />
      </span>
      <h2 className="font-display text-xl font-semibold">{props.title}</h2>
      <p className="text-muted">{props.text}</p>
      {props.children}
    </div>
  );
}

export function PageHeading(props: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly lead?: string;
}): ReactElement {
  return (
    <header className="mb-6 flex flex-wrap items-end justify-between gap-3">
      <div>
        <h1 tabIndex={-1} className="font-display text-3xl font-semibold tracking-tight">
          {props.title}
        </h1>
        {props.lead && <p className="mt-1 max-w-2xl text-muted">{props.lead}</p>}
      </div>
      {props.children}
    </header>
  );
}
