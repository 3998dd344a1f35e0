import { type FormEvent, type ReactElement, useEffect, useState } from 'react';
import { Icon } from '../design/icon.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { navigate, useAddress } from '../state/router.tsx';

export function SearchForm({ className = '' }: { readonly className?: string }): ReactElement {
  const { t } = useI18n();
  const { query } = useAddress();
  const wanted = query.get('q') ?? '';
  const [text, setText] = useState(wanted);
  useEffect(() => setText(wanted), [wanted]);
  const search = (event: FormEvent): void => {
    event.preventDefault();
    const q = text.trim();
    navigate(q === '' ? '/' : `/?q=${encodeURIComponent(q)}`);
  };
  return (
    <search className={className}>
      <form onSubmit={search} className="relative mx-auto max-w-md">
        <Icon name="search" size={18} className="absolute top-3 left-3.5 text-muted" />
        <input
          type="search"
          aria-label={t('search.label')}
          placeholder={t('search.placeholder')}
          value={text}
          maxLength={80}
          onChange={(event) => setText(event.target.value)}
          className="h-10.5 w-full rounded-full border border-line-strong bg-surface pr-4 pl-10 text-sm placeholder:text-muted"
        />
      </form>
    </search>
  );
}
