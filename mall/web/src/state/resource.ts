/**
 * Reading from the server: shows what is known at once, asks again behind it, and forgets answers
 * that come too late. What failed and may heal is asked again by itself. One cache, by key.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, OFFLINE } from '../api/http.ts';

export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

interface Entry {
  readonly value: unknown;
}

const ENTRIES_MAX = 200;
const RETRY_MS = 1000;
const RETRY_MAX_MS = 30_000;
const cache = new Map<string, Entry>();

/** Forgets answers whose key starts so: after a change, or when somebody else signs in. */
export function forget(prefix: string): void {
  for (const key of cache.keys()) if (key.startsWith(prefix)) cache.delete(key);
}

/** What `load` gives for `key`; asked again every `pollMs` while the page is looked at. */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  { pollMs }: { readonly pollMs?: number } = {},
): Resource<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: ApiError }>({ key });
  const [round, setRound] = useState(0);
  const loader = useRef(load);
  loader.current = load;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const ask = async (): Promise<void> => {
      let againMs = pollMs;
      try {
        const data = await loader.current(abort.signal);
        if (abort.signal.aborted) return;
        remember(key, data);
        setState({ key, data });
      } catch (cause) {
        if (abort.signal.aborted) return;
        const error = cause instanceof ApiError ? cause : new ApiError(OFFLINE, 0, String(cause));
        setState((before) => ({ ...(before.key === key ? before : { key }), error }));
        failures++;
        if (isPassing(error)) againMs ??= Math.min(RETRY_MS * 2 ** failures, RETRY_MAX_MS);
      }
      if (againMs !== undefined) timer = setTimeout(() => void ask(), againMs);
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [key, pollMs, round]);

  const reload = useCallback(() => setRound((before) => before + 1), []);
  const current = state.key === key ? state : { key };
  const known: T | undefined = current.data ?? recall(key);
  return {
    data: known,
    error: current.error,
    loading: known === undefined && current.error === undefined,
    reload,
  };
}

/** Nobody answered, or not properly: that heals by itself. */
function isPassing({ status }: ApiError): boolean {
  return status === 0 || status === 429 || status >= 500;
}

function remember(key: string, value: unknown): void {
  cache.delete(key);
  cache.set(key, { value });
  for (const oldest of cache.keys()) {
    if (cache.size <= ENTRIES_MAX) break;
    cache.delete(oldest);
  }
}

/** The key decides the type: whoever shares a key shares a loader. */
function recall<T>(key: string): T | undefined;
function recall(key: string): unknown {
  return cache.get(key)?.value;
}
