import { type ReactElement, useEffect, useRef } from 'react';
import { Icon } from '../design/icon.tsx';
import { useErrorText } from '../design/surface.tsx';
import { useToast } from '../design/toast.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { Link, navigate, useAddress } from '../state/router.tsx';
import { useSession } from '../state/session.tsx';

const ENTRY =
  'flex w-full items-center gap-3 rounded-xl px-3 py-2.5 text-left text-sm font-medium hover:bg-sunken';

/** Signing in, or a menu of what belongs to the account. */
export function AccountMenu(): ReactElement {
  const { t, money, number } = useI18n();
  const { user, signOut } = useSession();
  const say = useToast();
  const textOf = useErrorText();
  const { path } = useAddress();
  const ref = useRef<HTMLDetailsElement>(null);
  useCloseOutside(ref, path);
  if (!user) {
    return (
      <Link
        to="/sign-in"
        className="inline-flex h-11 items-center rounded-full px-3.5 text-sm font-medium whitespace-nowrap hover:bg-sunken"
      >
        {t('nav.sign-in')}
      </Link>
    );
  }
  const leave = async (): Promise<void> => {
    try {
      await signOut();
      say(t('sign-in.signed-out'));
      navigate('/');
    } catch (error) {
      say(textOf(error), 'bad');
    }
  };
  return (
    <details ref={ref} className="relative">
      <summary
        aria-label={t('nav.account-of', { name: user.name })}
        className="grid size-11 list-none place-items-center rounded-full hover:bg-sunken"
      >
        <Icon name="user" />
      </summary>
      <div className="animate-rise absolute right-0 mt-2 w-64 rounded-2xl border border-line bg-raised p-2 shadow-float">
        <p className="px-3 pt-2 font-semibold">{user.name}</p>
        <p className="px-3 pb-2 text-sm text-muted">
          {t('account.short', { balance: money(user.balanceCents), points: number(user.points) })}
        </p>
        <Link to="/account" className={ENTRY}>
          <Icon name="wallet" size={18} />
          {t('nav.account')}
        </Link>
        <Link to="/orders" className={ENTRY}>
          <Icon name="list" size={18} />
          {t('nav.orders')}
        </Link>
        <button type="button" className={ENTRY} onClick={() => void leave()}>
          <Icon name="out" size={18} />
          {t('nav.sign-out')}
        </button>
      </div>
    </details>
  );
}

/** Escape, a click elsewhere, or another page closes the menu. */
function useCloseOutside(ref: React.RefObject<HTMLDetailsElement | null>, path: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new page closes it
  useEffect(() => ref.current?.removeAttribute('open'), [path]);
  useEffect(() => {
    const onPointer = (event: PointerEvent): void => {
      const { target } = event;
      if (target instanceof Node && ref.current?.contains(target)) return;
      ref.current?.removeAttribute('open');
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || !ref.current?.open) return;
      ref.current.removeAttribute('open');
      ref.current.querySelector('summary')?.focus();
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey);
    };
  }, [ref]);
}
