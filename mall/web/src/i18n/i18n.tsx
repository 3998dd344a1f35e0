/** Two languages: every text of the shop is in both catalogues, and the compiler sees to it. */
import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react';
import type { Translated } from '../api/types.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

export type TextKey = keyof typeof en;
type Language = 'en' | 'zh';
export type Params = Readonly<Record<string, string | number>>;

const CATALOGUES: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = { en, zh };
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', zh: 'zh-CN' };
const STORED = 'mall-language';

export interface I18n {
  readonly language: Language;
  setLanguage(language: Language): void;
  /** The text of a key, with its `{name}`s filled in. */
  t(key: TextKey, params?: Params): string;
  /** A text whose key comes from the server; `fallback` when there is none. */
  tOr(key: string, fallback: string, params?: Params): string;
  /** What the server sends in both languages. */
  pick(text: Translated | undefined): string;
  money(cents: number): string;
  number(value: number, digits?: number): string;
  dateTime(ms: number): string;
  time(ms: number): string;
}

const Context = createContext<I18n | undefined>(undefined);

/** The language chosen before, or the browser's. */
function firstLanguage(): Language {
  const stored = readStored();
  if (stored === 'en' || stored === 'zh') return stored;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export function I18nProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';
    try {
      localStorage.setItem(STORED, language);
    } catch {
      // Storage is switched off: the choice lasts as long as the page.
    }
  }, [language]);
  const value = useMemo(() => makeI18n(language, setLanguage), [language]);
  return <Context value={value}>{children}</Context>;
}

export function useI18n(): I18n {
  const value = useContext(Context);
  if (value === undefined) throw new Error('useI18n needs an I18nProvider around it');
  return value;
}

/** Fills `{name}` in a text. */
export function fill(text: string, params: Params | undefined): string {
  if (params === undefined) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

function isKey(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}

function makeI18n(language: Language, setLanguage: (language: Language) => void): I18n {
  const locale = LOCALES[language];
  const money = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'CNY',
    currencyDisplay: 'narrowSymbol',
  });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  const t = (key: TextKey, params?: Params): string => fill(CATALOGUES[language][key], params);
  return {
    language,
    setLanguage,
    t,
    tOr: (key, fallback, params) => (isKey(key) ? t(key, params) : fallback),
    pick: (text) => text?.[language] || text?.en || '',
    money: (cents) => money.format(cents / 100),
    number: (value, digits = 0) =>
      new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value),
    dateTime: (ms) => dateTime.format(ms),
    time: (ms) => time.format(ms),
  };
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}
