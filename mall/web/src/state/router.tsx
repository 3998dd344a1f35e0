/**
 * Addresses of pages. A few lines on the browser's history: all that the shop needs of a router.
 * A page that opens gets the focus on its heading, so that a screen reader says where one is.
 */
import {
  type AnchorHTMLAttributes,
  type MouseEvent,
  type ReactElement,
  useEffect,
  useSyncExternalStore,
} from 'react';

const CHANGED = 'mall:address';

/** The page that the browser opened keeps the focus where browsers have it: at its start. */
let hasMoved = false;

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(CHANGED, listener);
  };
}

/** Path and query of the page. */
export interface Address {
  readonly path: string;
  readonly query: URLSearchParams;
}

export function useAddress(): Address {
  const text = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  const url = new URL(text, location.origin);
  return { path: url.pathname, query: url.searchParams };
}

/** Goes to a page of the shop. `replace` leaves no way back to the present one. */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const before = location.pathname;
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  window.dispatchEvent(new Event(CHANGED));
  if (location.pathname !== before) window.scrollTo(0, 0);
  hasMoved = true;
}

/** The values of `:name` in a pattern such as `/orders/:id`; undefined when it does not match. */
export function matchPath(
  pattern: string,
  path: string,
): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const given = path.replace(/\/+$/, '').split('/');
  if (wanted.length !== given.length && !(pattern === '/' && given.length === 1)) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) {
      if (value === '') return undefined;
      params[part.slice(1)] = decodeURIComponent(value);
    } else if (part !== value) {
      return undefined;
    }
  }
  return params;
}

export interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly to: string;
}

/** A link inside the shop. With a modifier key it is the browser's. */
export function Link({ to, onClick, ...rest }: LinkProps): ReactElement {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return <a href={to} onClick={follow} {...rest} />;
}

/** Sets the window's title and puts the focus on the page's heading when the page opens. */
export function usePageTitle(title: string, ready = true): void {
  useEffect(() => {
    document.title = `${title} · Skylark Mall`;
  }, [title]);
  useHeadingFocus(ready);
}

/** For a page whose heading comes later than the page. */
export function useHeadingFocus(ready: boolean): void {
  useEffect(() => {
    if (!ready || !hasMoved) return;
    const active = document.activeElement;
    // Somebody who types in the search field goes on typing.
    if (active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement) return;
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [ready]);
}
