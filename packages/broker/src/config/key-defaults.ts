/**
 * Keys and their defaults. The default tells the type: integer, boolean or text; null is a text
 * without a default.
 */
export interface KeyDefaults {
  readonly [key: string]: number | boolean | string | null;
}
