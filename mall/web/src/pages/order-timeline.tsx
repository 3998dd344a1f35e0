import type { ReactElement } from 'react';
import type { Sequenced, TimelineEvent } from '../api/types.ts';
import { Icon, type IconName } from '../design/icon.tsx';
import { Badge } from '../design/surface.tsx';
import { type I18n, useI18n } from '../i18n/i18n.tsx';
import type { StreamState } from '../live/order-stream.ts';
import { type EventTone, toneOf } from '../live/timeline.ts';

const ICONS: Readonly<Record<string, IconName>> = {
  created: 'list',
  'pre-ordered': 'list',
  'step-started': 'clock',
  'step-done': 'check',
  'step-failed': 'cross',
  confirmed: 'check',
  'confirmation-failed': 'cross',
  'rollback-started': 'undo',
  'rolled-back': 'undo',
  'payment-created': 'card',
  'payment-callback': 'link',
  paid: 'check',
  'points-granted': 'star',
  'coupon-settled': 'ticket',
  shipped: 'truck',
  cancelled: 'cross',
  'refund-started': 'undo',
  refunded: 'wallet',
  retry: 'refresh',
  'dead-letter': 'warn',
};

const TONES: Readonly<Record<EventTone, string>> = {
  plain: 'bg-sunken text-ink',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
};

export interface OrderTimelineProps {
  readonly events: readonly Sequenced[];
  readonly createdMs: number;
}

export function OrderTimeline({ events, createdMs }: OrderTimelineProps): ReactElement {
  const i18n = useI18n();
  const newest = events.at(-1);
  const first = events[0]?.event.atMs ?? createdMs;
  return (
    <>
      {/* The newest event is read out; the list itself is not read again. */}
      <p role="status" className="sr-only">
        {newest && titleOf(newest.event, i18n)}
      </p>
      {events.length === 0 && <p className="text-muted">{i18n.t('timeline.empty')}</p>}
      <ol data-testid="timeline" className="grid">
        {events.map(({ seq, event }) => (
          <li
            key={seq}
            data-seq={seq}
            data-type={event.type}
            className="animate-rise group relative grid grid-cols-[2.25rem_1fr_auto] gap-x-3 pb-4"
          >
            <span
              aria-hidden="true"
              className="absolute top-9 bottom-0 left-[1.1rem] w-px bg-line group-last:hidden"
            />
            <span className={`grid size-9 place-items-center rounded-full ${TONES[toneOf(event)]}`}>
              <Icon name={ICONS[event.type] ?? 'info'} size={18} />
            </span>
            <span className="min-w-0 self-center">
              <span className="font-medium">{titleOf(event, i18n)}</span>{' '}
              <span className="text-sm text-muted">{noteOf(event, i18n)}</span>
            </span>
            <time
              dateTime={new Date(event.atMs).toISOString()}
              title={i18n.time(event.atMs)}
              className="self-center font-mono text-xs text-muted"
            >
              {sinceText(event.atMs - first)}
            </time>
          </li>
        ))}
      </ol>
    </>
  );
}

function titleOf(event: TimelineEvent, { t, tOr }: I18n): string {
  const text = tOr(`event.${event.type}`, event.type);
  if (event.step) return t('timeline.step', { step: tOr(`step.${event.step}`, event.step), text });
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function noteOf(event: TimelineEvent, { t, tOr }: I18n): string {
  const notes = [tOr(`service.${event.source}`, event.source)];
  if (event.attempt && event.attempt > 1) notes.push(t('timeline.attempt', { n: event.attempt }));
  const { code, detail, type } = event;
  if (type === 'rollback-started' && detail) {
    notes.push(...detail.split(', ').map((step) => tOr(`step.${step}`, step)));
  } else if (detail) {
    // What has a code is in words beside it, and the service's own are for its log.
    notes.push(tOr(`detail.${detail}`, code ? '' : detail));
  }
  if (code) notes.push(tOr(`reason.${code}`, detail ?? code));
  return notes.filter((note) => note !== '').join(' · ');
}

/** `+0 ms`, `+850 ms`, `+12.3 s`, `+2:05 min`. */
function sinceText(ms: number): string {
  if (ms < 1000) return `+${Math.max(Math.round(ms), 0)} ms`;
  if (ms < 60_000) return `+${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  return `+${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`;
}

export function ConnectionBadge(props: {
  readonly stream: StreamState;
  readonly isOver: boolean;
}): ReactElement {
  const { t } = useI18n();
  const { transport, connected, resumed } = props.stream;
  const text = connected ? t(`stream.${transport}`) : t('stream.connecting');
  return (
    <span
      data-testid="stream"
      data-transport={transport}
      data-connected={connected}
      data-resumed={resumed}
    >
      <Badge tone={connected ? 'good' : 'warn'}>
        <span
          aria-hidden="true"
          className={`size-2 rounded-full bg-current ${connected && !props.isOver ? 'animate-glow' : ''}`}
        />
        {text}
        {resumed > 0 && ` · ${t('stream.resumed', { count: resumed })}`}
      </Badge>
    </span>
  );
}
