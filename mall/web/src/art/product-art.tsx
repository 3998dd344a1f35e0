/** The picture of a product, drawn: no picture is fetched, and all of them are of one kind. */
import type { ReactElement } from 'react';
import type { Drawing } from './drawing.ts';
import { BOX, GEAR } from './gear.tsx';
import { HOME } from './home.tsx';
import { KITCHEN } from './kitchen.tsx';
import { paletteOf } from './palette.ts';

const DRAWINGS: Readonly<Record<string, Drawing>> = { ...KITCHEN, ...HOME, ...GEAR };

/** Other words for what is drawn, so that a new product finds its picture. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  cup: 'mug',
  coffee: 'bag',
  beans: 'bag',
  tea: 'tin',
  honey: 'jar',
  jam: 'jar',
  thermos: 'bottle',
  flask: 'bottle',
  oil: 'bottle',
  wok: 'pan',
  skillet: 'pan',
  ramen: 'bowl',
  noodle: 'bowl',
  plate: 'bowl',
  earbuds: 'headphones',
  headset: 'headphones',
  tablet: 'phone',
  charger: 'phone',
  computer: 'laptop',
  mouse: 'keyboard',
  radio: 'speaker',
  light: 'lamp',
  lantern: 'lamp',
  stool: 'chair',
  desk: 'chair',
  sofa: 'chair',
  pot: 'plant',
  monstera: 'plant',
  bonsai: 'plant',
  throw: 'blanket',
  scarf: 'blanket',
  towel: 'blanket',
  pillow: 'cushion',
  rug: 'blanket',
  journal: 'notebook',
  diary: 'notebook',
  fountain: 'pen',
  pencil: 'pen',
  novel: 'book',
  poems: 'book',
  atlas: 'book',
  cream: 'soap',
  tote: 'backpack',
  rucksack: 'backpack',
  suitcase: 'backpack',
  tee: 'shirt',
  hoodie: 'shirt',
  jacket: 'shirt',
  sweater: 'shirt',
  sneakers: 'shoe',
  sneaker: 'shoe',
  shoes: 'shoe',
  boots: 'shoe',
  hat: 'cap',
  bike: 'bicycle',
  football: 'ball',
  basketball: 'ball',
  yoga: 'blanket',
};

/** The drawing that is meant by an image's name, an SKU or the words of a name. */
export function drawingNameOf(...texts: readonly string[]): string {
  for (const text of texts) {
    const words = text.toLowerCase().split(/[^a-z]+/);
    for (const word of words.reverse()) {
      for (const one of [word, word.replace(/s$/, '')]) {
        if (Object.hasOwn(DRAWINGS, one)) return one;
        const other = Object.hasOwn(OTHER_WORDS, one) ? OTHER_WORDS[one] : undefined;
        if (other !== undefined) return other;
      }
    }
  }
  return 'box';
}

export interface ProductArtProps {
  readonly image: string;
  readonly sku: string;
  readonly name: string;
  readonly className?: string;
}

export function ProductArt({ image, sku, name, className = '' }: ProductArtProps): ReactElement {
  const colours = paletteOf(sku);
  const draw = DRAWINGS[drawingNameOf(image, name, sku)] ?? BOX;
  return (
    <svg
      viewBox="0 0 200 200"
      aria-hidden="true"
      focusable="false"
      className={`product-art block ${className}`}
    >
      <rect width="200" height="200" fill={colours.ground} />
      <circle cx="150" cy="44" r="84" fill={colours.ground2} opacity=".55" />
      <ellipse cx="100" cy="166" rx="62" ry="10" fill={colours.dark} opacity=".16" />
      {draw(colours)}
    </svg>
  );
}
