import type { ReactElement } from 'react';
import { LinkButton } from '../design/button.tsx';
import { EmptyState, PageHeading } from '../design/surface.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { usePageTitle } from '../state/router.tsx';

export function NotFoundPage(): ReactElement {
  const { t } = useI18n();
  usePageTitle(t('not-found.title'));
  return (
    <>
      <PageHeading title={t('not-found.title')} />
      <EmptyState icon="search" title={t('not-found.what')} text={t('not-found.text')}>
        <LinkButton to="/">{t('cart.browse')}</LinkButton>
      </EmptyState>
    </>
  );
}
