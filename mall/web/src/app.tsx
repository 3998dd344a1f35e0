/** The shop: what is around all pages, and which page an address shows. */
import { lazy, type ReactElement, Suspense } from 'react';
import { Loading } from './design/surface.tsx';
import { ToastProvider } from './design/toast.tsx';
import { I18nProvider } from './i18n/i18n.tsx';
import { Boundary } from './layout/boundary.tsx';
import { Layout } from './layout/layout.tsx';
import { AccountPage } from './pages/account.tsx';
import { CartPage } from './pages/cart.tsx';
import { CataloguePage } from './pages/catalogue.tsx';
import { CheckoutPage } from './pages/checkout.tsx';
import { FlashSalePage } from './pages/flash-sale.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { OrderPage } from './pages/order.tsx';
import { OrdersPage } from './pages/orders.tsx';
import { ProductPage } from './pages/product.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { CartProvider } from './state/cart.tsx';
import { matchPath, useAddress } from './state/router.tsx';
import { SessionProvider } from './state/session.tsx';

const OfficePage = lazy(async () => ({
  default: (await import('./pages/office/office.tsx')).OfficePage,
}));
const ControlPage = lazy(async () => ({
  default: (await import('./pages/control/control.tsx')).ControlPage,
}));

export function App(): ReactElement {
  return (
    <I18nProvider>
      <ToastProvider>
        <SessionProvider>
          <CartProvider>
            <Layout>
              <Page />
            </Layout>
          </CartProvider>
        </SessionProvider>
      </ToastProvider>
    </I18nProvider>
  );
}

type Params = Readonly<Record<string, string>>;

const PAGES: readonly (readonly [string, (params: Params) => ReactElement])[] = [
  ['/', () => <CataloguePage />],
  ['/products/:id', ({ id = '' }) => <ProductPage key={id} id={id} />],
  ['/cart', () => <CartPage />],
  ['/checkout', () => <CheckoutPage />],
  ['/sign-in', () => <SignInPage key="sign-in" />],
  ['/register', () => <SignInPage key="register" isNew />],
  ['/orders', () => <OrdersPage />],
  ['/orders/:id', ({ id = '' }) => <OrderPage key={id} id={id} />],
  ['/account', () => <AccountPage />],
  ['/flash-sale', () => <FlashSalePage />],
  ['/office', () => <OfficePage section="products" />],
  ['/office/:section', ({ section = '' }) => <OfficePage section={section} />],
  ['/control', () => <ControlPage />],
];

function Page(): ReactElement {
  const { path } = useAddress();
  let page = <NotFoundPage />;
  for (const [pattern, make] of PAGES) {
    const params = matchPath(pattern, path);
    if (params === undefined) continue;
    page = make(params);
    break;
  }
  return (
    <Boundary key={path}>
      <Suspense fallback={<Loading />}>{page}</Suspense>
    </Boundary>
  );
}
