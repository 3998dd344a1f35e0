import { type ReactElement, type ReactNode, useEffect } from 'react';
import type { User } from '../api/types.ts';
import { Loading } from '../design/surface.tsx';
import { navigate, useHeadingFocus } from '../state/router.tsx';
import { useSession } from '../state/session.tsx';

/** Shows its page to who is signed in, and sends all others to sign in first. */
export function SignedIn(props: { readonly children: (user: User) => ReactNode }): ReactElement {
  const { user } = useSession();
  useEffect(() => {
    if (user !== null) return;
    const here = location.pathname + location.search;
    navigate(`/sign-in?next=${encodeURIComponent(here)}`, { replace: true });
  }, [user]);
  useHeadingFocus(Boolean(user));
  if (!user) return <Loading />;
  return <>{props.children(user)}</>;
}
