import type { ReactElement } from 'react';
import { control, type DeadLetter } from '../../api/control.ts';
import { Button } from '../../design/button.tsx';
import { Badge, Card, ErrorNotice, Loading } from '../../design/surface.tsx';
import { useToast } from '../../design/toast.tsx';
import { useAction } from '../../design/use-action.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { useResource } from '../../state/resource.ts';
import { Link } from '../../state/router.tsx';

const POLL_MS = 3000;

/** Messages that a consumer gave up. Sent again once the cause is gone, the order goes on. */
export function DeadLetters(): ReactElement {
  const { t } = useI18n();
  const found = useResource('control:dead-letters', control.deadLetters, { pollMs: POLL_MS });
  const letters = found.data?.deadLetters;
  return (
    <Card label={t('dead-letters.title')}>
      <h2 className="mb-1 font-display text-xl font-semibold">{t('dead-letters.title')}</h2>
      <p className="mb-4 text-sm text-muted">{t('dead-letters.lead')}</p>
      {found.error && <ErrorNotice error={found.error} onRetry={found.reload} />}
      {found.loading && <Loading lines={2} />}
      {letters?.length === 0 && <p className="text-muted">{t('dead-letters.none')}</p>}
      <ul className="divide-y divide-line">
        {letters?.map((letter) => (
          <li key={letter.id} data-testid="dead-letter">
            <Letter letter={letter} onChange={found.reload} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Letter(props: { readonly letter: DeadLetter; onChange(): void }): ReactElement {
  const { t, dateTime } = useI18n();
  const { letter, onChange } = props;
  const say = useToast();
  const { busy, run } = useAction();
  const resend = (): Promise<void> =>
    run(async () => {
      await control.resend(letter.id);
      say(t('dead-letters.resent'));
      onChange();
    });
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 py-3">
      <div className="min-w-0 text-sm">
        <p className="font-mono text-xs">
          {letter.group} ← {letter.topic}
        </p>
        <p className="text-muted">
          {dateTime(letter.atMs)} · {t('dead-letters.attempts', { count: letter.attempts })}
          {letter.orderId && (
            <>
              {' · '}
              <Link to={`/orders/${letter.orderId}`} className="underline underline-offset-4">
                {letter.orderId}
              </Link>
            </>
          )}
        </p>
        {letter.reason && <p className="break-words text-bad">{letter.reason}</p>}
      </div>
      {letter.state !== undefined && letter.state !== 'dead' && <Badge>{letter.state}</Badge>}
      <Button kind="plain" size="small" busy={busy} onClick={() => void resend()}>
        {t('dead-letters.resend')}
      </Button>
    </div>
  );
}
