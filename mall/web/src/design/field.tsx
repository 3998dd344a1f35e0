import {
  type InputHTMLAttributes,
  type ReactElement,
  type ReactNode,
  type SelectHTMLAttributes,
  useId,
} from 'react';

const CONTROL =
  'w-full rounded-xl border border-line-strong bg-surface px-3.5 h-11 text-ink ' +
  'placeholder:text-muted aria-invalid:border-bad disabled:opacity-60';

interface Labelled {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  /** The label is for screen readers only. */
  readonly hideLabel?: boolean;
}

export type TextFieldProps = Labelled & InputHTMLAttributes<HTMLInputElement>;

export function TextField(props: TextFieldProps): ReactElement {
  const { label, hint, error, hideLabel = false, className = '', ...rest } = props;
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel}>
      <input
        id={id}
        className={`${CONTROL} ${className}`}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={hint || error ? `${id}-note` : undefined}
        {...rest}
      />
    </Frame>
  );
}

export type SelectFieldProps = Labelled & SelectHTMLAttributes<HTMLSelectElement>;

export function SelectField(props: SelectFieldProps): ReactElement {
  const { label, hint, error, hideLabel = false, className = '', children, ...rest } = props;
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel}>
      <select id={id} className={`${CONTROL} ${className}`} {...rest}>
        {children}
      </select>
    </Frame>
  );
}

function Frame(
  props: Labelled & { readonly id: string; readonly children: ReactNode },
): ReactElement {
  const { id, label, hint, error, hideLabel, children } = props;
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-sm font-medium'}>
        {label}
      </label>
      {children}
      {(error ?? hint) !== undefined && (
        <p id={`${id}-note`} className={`text-sm ${error ? 'text-bad' : 'text-muted'}`}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

export interface SwitchProps {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  onChange(checked: boolean): void;
}

/** On or off, at once. */
export function Switch({ label, hint, checked, disabled, onChange }: SwitchProps): ReactElement {
  const id = useId();
  return (
    <div className="flex items-start justify-between gap-4 py-3">
      <div>
        <span id={id} className="font-medium">
          {label}
        </span>
        {hint && (
          <p id={`${id}-hint`} className="text-sm text-muted">
            {hint}
          </p>
        )}
      </div>
      <button
        type="button"
        role="switch"
        aria-checked={checked}
        aria-labelledby={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        disabled={disabled}
        onClick={() => onChange(!checked)}
        className={`relative h-7 w-12 shrink-0 rounded-full border transition-colors disabled:opacity-50 ${
          checked ? 'border-accent bg-accent' : 'border-line-strong bg-sunken'
        }`}
      >
        <span
          className={`absolute top-0.5 left-0.5 size-5.5 rounded-full transition-transform ${
            checked ? 'translate-x-5 bg-on-accent' : 'bg-line-strong'
          }`}
        />
      </button>
    </div>
  );
}
