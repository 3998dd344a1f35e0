import { type FormEvent, type ReactElement, useState } from 'react';
import { ApiError } from '../api/http.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { Card, ErrorNotice, Notice, PageHeading } from '../design/surface.tsx';
import { useToast } from '../design/toast.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { Link, navigate, useAddress, usePageTitle } from '../state/router.tsx';
import { useSession } from '../state/session.tsx';

const PASSWORD_MIN = 8;

export function SignInPage({ isNew = false }: { readonly isNew?: boolean }): ReactElement {
  const { t } = useI18n();
  const { query } = useAddress();
  const session = useSession();
  const say = useToast();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const next = safeNext(query.get('next'));
  const title = t(isNew ? 'register.title' : 'sign-in.title');
  usePageTitle(title);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? '');
    setBusy(true);
    setError(undefined);
    try {
      if (isNew)
        await session.register(text('email').trim(), text('password'), text('name').trim());
      else await session.signIn(text('email').trim(), text('password'));
      say(t(isNew ? 'register.done' : 'sign-in.done'));
      navigate(next, { replace: true });
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };

  const other = `${isNew ? '/sign-in' : '/register'}?next=${encodeURIComponent(next)}`;
  return (
    <div className="mx-auto max-w-md">
      <PageHeading title={title} />
      <Card className="grid gap-5 p-6">
        {query.has('next') && !isNew && <Notice tone="accent">{t('sign-in.first')}</Notice>}
        {error !== undefined && <SignInError error={error} isNew={isNew} />}
        <form className="grid gap-4" onSubmit={(event) => void submit(event)}>
          <Fields isNew={isNew} />
          <Button type="submit" size="large" busy={busy}>
            {t(isNew ? 'register.action' : 'sign-in.action')}
          </Button>
        </form>
        {isNew && <p className="text-sm text-muted">{t('register.gift')}</p>}
        <p className="border-t border-line pt-4 text-sm">
          {t(isNew ? 'register.known' : 'sign-in.new')}{' '}
          <Link to={other} className="font-medium text-accent underline underline-offset-4">
            {t(isNew ? 'sign-in.action' : 'register.action')}
          </Link>
        </p>
      </Card>
    </div>
  );
}

function Fields({ isNew }: { readonly isNew: boolean }): ReactElement {
  const { t } = useI18n();
  return (
    <>
      {isNew && (
        <TextField
          label={t('field.name')}
          name="name"
          autoComplete="name"
          required
          maxLength={60}
        />
      )}
      <TextField
        label={t('field.email')}
        name="email"
        type="email"
        autoComplete="email"
        required
        maxLength={120}
      />
      <TextField
        label={t('field.password')}
        name="password"
        type="password"
        autoComplete={isNew ? 'new-password' : 'current-password'}
        hint={isNew ? t('register.password-hint', { count: PASSWORD_MIN }) : undefined}
        required
        minLength={isNew ? PASSWORD_MIN : 1}
        maxLength={200}
      />
    </>
  );
}

/** What the codes of all services mean on this page. */
function SignInError(props: { readonly error: unknown; readonly isNew: boolean }): ReactElement {
  const { t } = useI18n();
  const { error, isNew } = props;
  const status = error instanceof ApiError ? error.status : 0;
  if (isNew && status === 409) return <Notice tone="bad">{t('error.email-taken')}</Notice>;
  if (!isNew && status === 401) return <Notice tone="bad">{t('error.credentials')}</Notice>;
  return <ErrorNotice error={error} />;
}

/** Only pages of this shop: an address from a link must not lead elsewhere. */
function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/';
}
