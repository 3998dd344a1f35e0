/** Short notes at the edge of the window: "added to the cart". Read out by screen readers. */
import {
  createContext,
  type ReactElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
} from 'react';
import { Icon } from './icon.tsx';

type ToastTone = 'good' | 'bad';
type Say = (text: string, tone?: ToastTone) => void;

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: ToastTone;
}

const SHOWN_MS = 5000;
const TOASTS_MAX = 3;
const Context = createContext<Say | undefined>(undefined);

export function ToastProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const next = useRef(1);
  const say = useCallback<Say>((text, tone = 'good') => {
    const id = next.current++;
    setToasts((before) => [...before, { id, text, tone }].slice(-TOASTS_MAX));
  }, []);
  const oldest = toasts[0]?.id;
  useEffect(() => {
    if (oldest === undefined) return;
    const timer = setTimeout(
      () => setToasts((before) => before.filter(({ id }) => id !== oldest)),
      SHOWN_MS,
    );
    return () => clearTimeout(timer);
  }, [oldest]);
  return (
    <Context value={say}>
      {children}
      <div
        role="status"
        className="pointer-events-none fixed inset-x-0 bottom-20 z-50 grid justify-items-center gap-2 px-4 md:bottom-6"
      >
        {toasts.map(({ id, text, tone }) => (
          <p
            key={id}
            className="animate-rise flex items-center gap-2 rounded-full border border-line bg-raised px-5 py-3 text-sm font-medium shadow-float"
          >
            <Icon
              name={tone === 'good' ? 'check' : 'warn'}
              className={tone === 'good' ? 'text-good' : 'text-bad'}
            />
            {text}
          </p>
        ))}
      </div>
    </Context>
  );
}

export function useToast(): Say {
  const say = useContext(Context);
  if (say === undefined) throw new Error('useToast needs a ToastProvider around it');
  return say;
}
