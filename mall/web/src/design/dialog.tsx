import { type ReactElement, type ReactNode, useEffect, useId, useRef } from 'react';
import { useI18n } from '../i18n/i18n.tsx';
import { IconButton } from './button.tsx';

export interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  onClose(): void;
}

/**
 * A window above the page, by the browser's own `dialog`: it keeps the focus inside, closes with
 * Escape, and gives the focus back to where it was.
 */
export function Dialog({ title, children, onClose }: DialogProps): ReactElement {
  const { t } = useI18n();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className="m-auto w-[min(36rem,calc(100vw-2rem))] max-h-[calc(100dvh-2rem)] overflow-auto rounded-3xl border border-line bg-raised p-6 text-ink shadow-float"
    >
      <div className="mb-4 flex items-center justify-between gap-4">
        <h2 id={id} className="font-display text-xl font-semibold">
          {title}
        </h2>
        <IconButton icon="cross" label={t('action.close')} onClick={onClose} />
      </div>
      {children}
    </dialog>
  );
}
