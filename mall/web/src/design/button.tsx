import type { ButtonHTMLAttributes, ReactElement } from 'react';
import { Link, type LinkProps } from '../state/router.tsx';
import { Icon, type IconName } from './icon.tsx';

type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

const BASE =
  'inline-flex items-center justify-center gap-2 rounded-full font-medium select-none ' +
  'transition-colors disabled:opacity-50 disabled:cursor-not-allowed';

const KINDS: Readonly<Record<ButtonKind, string>> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover',
  plain: 'bg-surface text-ink border border-line-strong hover:bg-sunken',
  quiet: 'text-ink hover:bg-sunken',
  danger: 'bg-surface text-bad border border-bad hover:bg-bad-soft',
};

const SIZES = { small: 'h-9 px-4 text-sm', normal: 'h-11 px-5', large: 'h-13 px-7 text-lg' };

interface Look {
  readonly kind?: ButtonKind;
  readonly size?: keyof typeof SIZES;
}

function lookOf({ kind = 'primary', size = 'normal' }: Look, className = ''): string {
  return `${BASE} ${KINDS[kind]} ${SIZES[size]} ${className}`;
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement>, Look {
  /** While it works the button cannot be pressed again. */
  readonly busy?: boolean;
  readonly icon?: IconName;
}

export function Button(props: ButtonProps): ReactElement {
  const { kind, size, busy = false, icon, className, children, disabled, ...rest } = props;
  const look = { ...(kind && { kind }), ...(size && { size }) };
  return (
    <button
      type="button"
      disabled={busy || disabled === true}
      aria-busy={busy}
      className={lookOf(look, className)}
      {...rest}
    >
      {busy ? <Spinner /> : icon && <Icon name={icon} size={18} />}
      {children}
    </button>
  );
}

export function LinkButton(props: LinkProps & Look & { readonly icon?: IconName }): ReactElement {
  const { kind, size, icon, className, children, ...rest } = props;
  const look = { ...(kind && { kind }), ...(size && { size }) };
  return (
    <Link className={lookOf(look, className)} {...rest}>
      {icon && <Icon name={icon} size={18} />}
      {children}
    </Link>
  );
}

export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: IconName;
  /** Said by screen readers, and shown when pointed at. */
  readonly label: string;
}

export function IconButton({ icon, label, className, ...rest }: IconButtonProps): ReactElement {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-grid size-11 place-items-center rounded-full transition-colors hover:bg-sunken disabled:opacity-40 ${className ?? ''}`}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}

function Spinner(): ReactElement {
  return (
    <svg width="18" height="18" viewBox="0 0 24 24" aria-hidden="true" className="animate-spin">
      <circle
        cx="12"
        cy="12"
        r="9"
        fill="none"
        stroke="currentColor"
        strokeOpacity=".3"
        strokeWidth="3"
      />
      <path
        d="M12 3a9 9 0 0 1 9 9"
        fill="none"
        stroke="currentColor"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </svg>
  );
}
