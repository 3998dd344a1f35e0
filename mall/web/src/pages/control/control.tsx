/** The control room: what to break, how much to load, and whether the books are still right. */
import type { ReactElement } from 'react';
import { PageHeading } from '../../design/surface.tsx';
import { useI18n } from '../../i18n/i18n.tsx';
import { usePageTitle } from '../../state/router.tsx';
import { Charts } from './charts.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { Invariants } from './invariants.tsx';
import { LoadPanel } from './load.tsx';
import { SwitchPanel } from './switches.tsx';

export function ControlPage(): ReactElement {
  const { t } = useI18n();
  usePageTitle(t('control.title'));
  return (
    <>
      <PageHeading title={t('control.title')} lead={t('control.lead')} />
      <div className="grid gap-6">
        <Invariants />
        <div className="grid items-start gap-6 lg:grid-cols-[22rem_1fr]">
          <div className="grid gap-6">
            <SwitchPanel />
            <LoadPanel />
          </div>
          <div className="grid gap-6">
            <Charts />
            <DeadLetters />
          </div>
        </div>
      </div>
    </>
  );
}
