/** Header, footer, and on phones a bar of tabs below. */
import type { ReactElement, ReactNode } from 'react';
import { Icon, type IconName } from '../design/icon.tsx';
import { type TextKey, useI18n } from '../i18n/i18n.tsx';
import { useCart } from '../state/cart.tsx';
import { Link, useAddress } from '../state/router.tsx';
import { useSession } from '../state/session.tsx';
import { AccountMenu } from './account-menu.tsx';
import { LanguageButton, ThemeButton } from './preferences.tsx';
import { SearchForm } from './search-form.tsx';

export function Layout({ children }: { readonly children: ReactNode }): ReactElement {
  const { t } = useI18n();
  return (
    <div className="flex min-h-dvh flex-col bg-paper pb-20 md:pb-0">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-full focus:bg-accent focus:px-5 focus:py-3 focus:text-on-accent"
      >
        {t('layout.skip')}
      </a>
      <Header />
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-6xl flex-1 px-4 py-6 md:py-10">
        {children}
      </main>
      <Footer />
      <TabBar />
    </div>
  );
}

function Header(): ReactElement {
  const { t } = useI18n();
  const { user } = useSession();
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-paper/90 backdrop-blur-md">
      <div className="mx-auto flex h-16 max-w-6xl items-center gap-2 px-4">
        <Link to="/" className="flex items-center gap-2.5 rounded-lg" aria-label={t('brand.name')}>
          <Logo />
          <span className="font-display text-lg font-semibold whitespace-nowrap max-sm:sr-only">
            {t('brand.name')}
          </span>
        </Link>
        <SearchForm className="mx-2 min-w-0 flex-1 md:mx-6" />
        <nav aria-label={t('layout.main')} className="hidden items-center md:flex">
          <NavLink to="/flash-sale" text="nav.flash" />
          <NavLink to="/orders" text="nav.orders" />
          {user?.role === 'staff' && <NavLink to="/office" text="nav.office" />}
        </nav>
        <div className="flex items-center">
          <LanguageButton />
          <span className="max-md:hidden">
            <ThemeButton />
          </span>
          <span className="flex max-md:hidden">
            <AccountMenu />
            <CartLink />
          </span>
        </div>
      </div>
    </header>
  );
}

function NavLink({ to, text }: { readonly to: string; readonly text: TextKey }): ReactElement {
  const { t } = useI18n();
  const { path } = useAddress();
  const isHere = path === to || path.startsWith(`${to}/`);
  return (
    <Link
      to={to}
      aria-current={isHere ? 'page' : undefined}
      className="rounded-full px-3.5 py-2 text-sm font-medium whitespace-nowrap hover:bg-sunken aria-[current=page]:text-accent"
    >
      {t(text)}
    </Link>
  );
}

function CartLink(): ReactElement {
  const { t } = useI18n();
  const { count } = useCart();
  return (
    <Link
      to="/cart"
      aria-label={t('nav.cart-count', { count })}
      className="relative grid size-11 place-items-center rounded-full hover:bg-sunken"
    >
      <Icon name="cart" />
      <Count value={count} />
    </Link>
  );
}

function Count({ value }: { readonly value: number }): ReactElement | null {
  if (value === 0) return null;
  return (
    <span
      key={value}
      aria-hidden="true"
      className="animate-rise absolute top-0.5 right-0 grid h-5 min-w-5 place-items-center rounded-full bg-accent px-1 text-[11px] font-bold text-on-accent"
    >
      {value > 99 ? '99+' : value}
    </span>
  );
}

interface Tab {
  readonly to: string;
  readonly icon: IconName;
  readonly text: TextKey;
}

const TABS: readonly Tab[] = [
  { to: '/', icon: 'home', text: 'nav.shop' },
  { to: '/flash-sale', icon: 'bolt', text: 'nav.flash' },
  { to: '/cart', icon: 'cart', text: 'nav.cart' },
  { to: '/orders', icon: 'list', text: 'nav.orders' },
  { to: '/account', icon: 'user', text: 'nav.account' },
];

function TabBar(): ReactElement {
  const { t } = useI18n();
  const { path } = useAddress();
  const { count } = useCart();
  return (
    <nav
      aria-label={t('layout.tabs')}
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface/95 pb-[env(safe-area-inset-bottom)] backdrop-blur-md md:hidden"
    >
      <ul className="grid grid-cols-5">
        {TABS.map(({ to, icon, text }) => (
          <li key={to}>
            <Link
              to={to}
              aria-current={(to === '/' ? path === to : path.startsWith(to)) ? 'page' : undefined}
              className="relative grid h-16 place-items-center content-center gap-1 text-xs font-medium text-muted aria-[current=page]:text-accent"
            >
              <span className="relative">
                <Icon name={icon} size={22} />
                {to === '/cart' && (
                  <span className="absolute -top-2 -right-3 size-5">
                    <Count value={count} />
                  </span>
                )}
              </span>
              {t(text)}
              {to === '/cart' && count > 0 && (
                <span className="sr-only">{t('nav.cart-count', { count })}</span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Footer(): ReactElement {
  const { t } = useI18n();
  return (
    <footer className="border-t border-line">
      <div className="mx-auto flex max-w-6xl flex-wrap items-center justify-between gap-x-8 gap-y-3 px-4 py-8 text-sm text-muted">
        <p className="max-w-xl">{t('footer.about')}</p>
        <nav aria-label={t('footer.label')} className="flex flex-wrap items-center gap-5">
          <Link to="/control" className="underline underline-offset-4 hover:text-ink">
            {t('nav.control')}
          </Link>
          <Link to="/office" className="underline underline-offset-4 hover:text-ink">
            {t('nav.office')}
          </Link>
          <span className="md:hidden">
            <ThemeButton />
          </span>
        </nav>
      </div>
    </footer>
  );
}

function Logo(): ReactElement {
  return (
    <svg width="34" height="34" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="10" className="fill-accent" />
      <path
        d="M6 19c5 .6 8-1 10-4.2C17.5 11.6 20 9 26 8c-1 2-1.6 3-3 4 1 5-2 12-10 12-3 0-5.5-1.5-7-5z"
        className="fill-on-accent"
      />
      <path d="M12 18c3 0 6-1.5 8-4-.5 4-3 7-7 7z" className="fill-accent" fillOpacity=".55" />
    </svg>
  );
}
