/** Languages by their number in binary headers; JSON headers carry the name. */
export const LANGUAGES = [
  'JAVA',
  'CPP',
  'DOTNET',
  'PYTHON',
  'DELPHI',
  'ERLANG',
  'RUBY',
  'OTHER',
  'HTTP',
  'GO',
  'PHP',
  'OMS',
  'RUST',
  'NODE_JS',
] as const;

/** What we say of ourselves: brokers before 5.x know neither 12 nor 13 and store null for them. */
export const OUR_LANGUAGE = 7;

/** The name of a language number; `OTHER` for one that nobody knows. */
export function languageName(code: number): string {
  return LANGUAGES[code] ?? 'OTHER';
}

const CODES: ReadonlyMap<string, number> = new Map(LANGUAGES.map((name, code) => [name, code]));

/** The number of a language name; that of `OTHER` for one that nobody knows. */
export function languageCode(name: string): number {
  return CODES.get(name) ?? OUR_LANGUAGE;
}
