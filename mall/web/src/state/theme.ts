/**
 * Light or dark: the system's choice until the visitor makes one. `public/theme.js` sets it first.
 */
import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';

const CHANGED = 'mall:theme';

function current(): Theme {
  return document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light';
}

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore((listener) => {
    window.addEventListener(CHANGED, listener);
    return () => window.removeEventListener(CHANGED, listener);
  }, current);
  return [theme, setTheme];
}

function setTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  try {
    localStorage.setItem('mall-theme', theme);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
  window.dispatchEvent(new Event(CHANGED));
}
