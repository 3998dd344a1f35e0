const LENGTH_MAX = 80;

/** Why a key of a configuration is refused; `nearest` is the known one that is most like it. */
export function unknownKeyText(key: string, nearest: string | undefined): string {
  const hint = nearest === undefined ? 'no known key is like it' : `did you mean ${nearest}?`;
  return `Nobody knows the key ${shownName(key)}: ${hint}`;
}

/** Quoted and cut when it is not what names are: nobody knows where it comes from. */
function shownName(name: string): string {
  return /^[\w.-]{1,80}$/.test(name) ? name : JSON.stringify(name.slice(0, LENGTH_MAX));
}
