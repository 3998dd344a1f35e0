/** Who is signed in. */
import {
  createContext,
  type ReactElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react';
import { ApiError } from '../api/http.ts';
import { users } from '../api/shop.ts';
import type { User } from '../api/types.ts';
import { forget } from './resource.ts';

export interface Session {
  /** Undefined until the server has said; null when nobody is signed in. */
  readonly user: User | null | undefined;
  /** Asks again: balance and points change with orders. */
  refresh(): Promise<User | null>;
  signIn(email: string, password: string): Promise<void>;
  register(email: string, password: string, name: string): Promise<void>;
  signOut(): Promise<void>;
}

const RETRY_MS = 2000;
const Context = createContext<Session | undefined>(undefined);

export function SessionProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [user, setUser] = useState<User | null | undefined>(undefined);
  const [failures, setFailures] = useState(0);

  const refresh = useCallback(async (): Promise<User | null> => {
    try {
      const found = (await users.me()).user;
      setUser(found);
      return found;
    } catch (error) {
      // Not signed in is an answer; anything else leaves what was known before.
      if (error instanceof ApiError && error.status === 401) setUser(null);
      else setFailures((before) => before + 1);
      return null;
    }
  }, []);

  // Asked once, and again for as long as nobody could say.
  useEffect(() => {
    const timer = setTimeout(() => void refresh(), failures === 0 ? 0 : RETRY_MS);
    return () => clearTimeout(timer);
  }, [refresh, failures]);

  const session = useMemo<Session>(() => {
    const changed = async (): Promise<void> => {
      forget('');
      await refresh();
    };
    return {
      user,
      refresh,
      signIn: async (email, password) => {
        await users.signIn(email, password);
        await changed();
      },
      register: async (email, password, name) => {
        await users.register(email, password, name);
        await changed();
      },
      signOut: async () => {
        await users.signOut();
        await changed();
      },
    };
  }, [user, refresh]);
  return <Context value={session}>{children}</Context>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (session === undefined) throw new Error('useSession needs a SessionProvider around it');
  return session;
}
