/** The back office: products and their stock, coupons, orders and refunds. */
import type { ReactElement } from 'react';
import { EmptyState, PageHeading } from '../../design/surface.tsx';
import { type TextKey, useI18n } from '../../i18n/i18n.tsx';
import { SignedIn } from '../../layout/signed-in.tsx';
import { Link, usePageTitle } from '../../state/router.tsx';
import { NotFoundPage } from '../not-found.tsx';
import { OfficeCoupons } from './coupons.tsx';
import { OfficeOrders } from './orders.tsx';
import { OfficeProducts } from './products.tsx';

const SECTIONS: readonly (readonly [string, TextKey, () => ReactElement])[] = [
  ['products', 'office.products', () => <OfficeProducts />],
  ['coupons', 'office.coupons', () => <OfficeCoupons />],
  ['orders', 'office.orders', () => <OfficeOrders />],
];

export function OfficePage({ section }: { readonly section: string }): ReactElement {
  const found = SECTIONS.find(([name]) => name === section);
  if (found === undefined) return <NotFoundPage />;
  return <SignedIn>{({ role }) => <Office section={found} isStaff={role === 'staff'} />}</SignedIn>;
}

function Office(props: {
  readonly section: (typeof SECTIONS)[number];
  readonly isStaff: boolean;
}): ReactElement {
  const { t } = useI18n();
  const [name, , Section] = props.section;
  usePageTitle(t('nav.office'));
  return (
    <>
      <PageHeading title={t('nav.office')} lead={t('office.lead')} />
      {props.isStaff ? (
        <>
          <nav aria-label={t('nav.office')} className="mb-6 flex gap-1 border-b border-line">
            {SECTIONS.map(([one, text]) => (
              <Link
                key={one}
                to={`/office/${one}`}
                aria-current={one === name ? 'page' : undefined}
                className="-mb-px border-b-2 border-transparent px-4 py-3 font-medium text-muted hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-accent"
              >
                {t(text)}
              </Link>
            ))}
          </nav>
          <Section />
        </>
      ) : (
        <EmptyState
          icon="store"
          title={t('office.staff-only')}
          text={t('office.staff-only-text')}
        />
      )}
    </>
  );
}
