import { useState } from 'react';
import { useErrorText } from './surface.tsx';
import { useToast } from './toast.tsx';

/** What a button starts: it is busy meanwhile, and what goes wrong is said at the edge. */
export interface Action {
  readonly busy: boolean;
  run(work: () => Promise<void>): Promise<void>;
}

export function useAction(): Action {
  const say = useToast();
  const textOf = useErrorText();
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      say(textOf(error), 'bad');
    } finally {
      setBusy(false);
    }
  };
  return { busy, run };
}
