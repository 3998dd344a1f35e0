import type { ReactElement } from 'react';
import { IconButton } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { useTheme } from '../state/theme.ts';

/** Named in the language that it switches to, so that whoever needs it can read it. */
export function LanguageButton(): ReactElement {
  const { language, setLanguage } = useI18n();
  const isEnglish = language === 'en';
  return (
    <button
      type="button"
      lang={isEnglish ? 'zh-Hans' : 'en'}
      onClick={() => setLanguage(isEnglish ? 'zh' : 'en')}
      className="inline-flex h-11 items-center gap-1.5 rounded-full px-3 text-sm font-medium hover:bg-sunken"
    >
      <Icon name="globe" size={18} />
      {isEnglish ? '中文' : 'English'}
    </button>
  );
}

export function ThemeButton(): ReactElement {
  const { t } = useI18n();
  const [theme, setTheme] = useTheme();
  const isDark = theme === 'dark';
  return (
    <IconButton
      icon={isDark ? 'sun' : 'moon'}
      label={t(isDark ? 'theme.light' : 'theme.dark')}
      onClick={() => setTheme(isDark ? 'light' : 'dark')}
    />
  );
}
