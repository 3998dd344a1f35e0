/** The colours of a product's picture: the same product always has the same ones. */
export interface Palette {
  readonly ground: string;
  readonly ground2: string;
  readonly main: string;
  readonly dark: string;
  readonly light: string;
  readonly accent: string;
}

const PALETTES: readonly Palette[] = [
  palette('#f1e6d6', '#e6d3b8', '#c8693e', '#8f4526', '#eba57f', '#2f5d62'),
  palette('#dfeaea', '#c3d9d9', '#2f7c86', '#1c525a', '#8cc3c8', '#e0a458'),
  palette('#e7e4f1', '#d0cae6', '#6757a3', '#443872', '#aea2dc', '#e9b44c'),
  palette('#e4eddc', '#cbdcbc', '#5b8a4a', '#3a5d2e', '#a4c794', '#d9694a'),
  palette('#f6e2df', '#eccac4', '#c24e5c', '#86313d', '#eb9aa3', '#35566b'),
  palette('#e2e9f3', '#c7d5ea', '#3d68ad', '#274577', '#92b1e0', '#eaa13d'),
  palette('#f5ecd0', '#ecdcaa', '#d1992b', '#946815', '#f0cd7f', '#3c5a4c'),
  palette('#e9e5e0', '#d6cfc6', '#5d6570', '#3a414b', '#a8b0b9', '#cf6d4b'),
];

function palette(...colours: [string, string, string, string, string, string]): Palette {
  const [ground, ground2, main, dark, light, accent] = colours;
  return { ground, ground2, main, dark, light, accent };
}

/** A number from a text, the same in all browsers (FNV-1a). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) {
    hash ^= char.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

export function paletteOf(text: string): Palette {
  const found = PALETTES[hashOf(text) % PALETTES.length];
  if (found === undefined) throw new Error('There are no palettes');
  return found;
}
