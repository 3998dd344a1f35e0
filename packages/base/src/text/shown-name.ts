const LENGTH_MAX = 80;

/** A name from elsewhere as a message may show it: quoted and cut when it is not what names are. */
export function shownName(name: string): string {
  return /^[\w.-]{1,80}$/.test(name) ? name : JSON.stringify(name.slice(0, LENGTH_MAX));
}
