/**
 * The cart: kept in the browser, so that it works before signing in, is the same in all tabs and
 * needs no waiting; and on the server for who is signed in, where it follows to other devices.
 */
import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { catalogue } from '../api/shop.ts';
import type { CartItem } from '../api/types.ts';
import { addItem, mergeCarts, parseCart, setQuantity } from './cart-items.ts';
import { useSession } from './session.tsx';

export interface Cart {
  readonly items: readonly CartItem[];
  /** Pieces of all products together. */
  readonly count: number;
  add(productId: string, quantity: number): void;
  setQuantity(productId: string, quantity: number): void;
  clear(): void;
}

const STORED = 'mall-cart';
const Context = createContext<Cart | undefined>(undefined);

export function CartProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const { user } = useSession();
  const [items, setItems] = useState<readonly CartItem[]>(() => parseCart(readStored()));
  const latest = useRef(items);
  const userId = user?.id;

  const show = (next: readonly CartItem[]): void => {
    latest.current = next;
    setItems(next);
  };

  useEffect(() => {
    const other = (event: StorageEvent): void => {
      if (event.key !== STORED) return;
      const next = parseCart(event.newValue);
      latest.current = next;
      setItems(next);
    };
    window.addEventListener('storage', other);
    return () => window.removeEventListener('storage', other);
  }, []);

  const before = useRef(userId);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each who signs out
  useEffect(() => {
    // What somebody had in the cart is nothing for who sits at this browser next.
    if (before.current !== undefined && user === null) {
      show([]);
      writeStored([]);
    }
    before.current = userId;
  }, [userId, user]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each who signs in
  useEffect(() => {
    if (userId === undefined) return;
    const abort = new AbortController();
    catalogue.cart(abort.signal).then(
      ({ items: stored }) => {
        if (abort.signal.aborted) return;
        const merged = mergeCarts(latest.current, stored);
        show(merged);
        writeStored(merged);
        if (merged.length > 0) save(merged);
      },
      (error: unknown) => reportUnsaved(error),
    );
    return () => abort.abort();
  }, [userId]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `show` uses nothing that changes
  const cart = useMemo<Cart>(() => {
    const change = (next: readonly CartItem[]): void => {
      show(next);
      writeStored(next);
      if (userId !== undefined) save(next);
    };
    return {
      items,
      count: items.reduce((sum, item) => sum + item.quantity, 0),
      add: (id, quantity) => change(addItem(latest.current, id, quantity)),
      setQuantity: (id, quantity) => change(setQuantity(latest.current, id, quantity)),
      clear: () => change([]),
    };
  }, [items, userId]);
  return <Context value={cart}>{children}</Context>;
}

export function useCart(): Cart {
  const cart = useContext(Context);
  if (cart === undefined) throw new Error('useCart needs a CartProvider around it');
  return cart;
}

/** Changes follow each other: the last one wins at the server too. */
let saving: Promise<unknown> = Promise.resolve();

function save(items: readonly CartItem[]): void {
  saving = saving.then(() => catalogue.putCart(items)).catch(reportUnsaved);
}

/** The browser has the cart; the server gets it with the next change. */
function reportUnsaved(error: unknown): void {
  console.warn('The cart is not on the server yet', error);
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

function writeStored(items: readonly CartItem[]): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(items));
  } catch (error) {
    console.warn('The cart lasts as long as this page', error);
  }
}
