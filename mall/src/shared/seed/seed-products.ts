/** What the shop sells to begin with. */
import { GEAR } from './gear.ts';
import { KITCHEN_AND_HOME } from './kitchen-and-home.ts';
import type { SeedProduct, Texts } from './seed-product.ts';

export const SEED_CATEGORIES: readonly { readonly id: string; readonly name: Texts }[] = [
  { id: 'kitchen', name: { en: 'Kitchen', zh: '厨房' } },
  { id: 'home', name: { en: 'Home', zh: '家居' } },
  { id: 'electronics', name: { en: 'Electronics', zh: '数码' } },
  { id: 'stationery', name: { en: 'Stationery', zh: '文具' } },
  { id: 'care', name: { en: 'Care', zh: '洗护' } },
  { id: 'outdoor', name: { en: 'Outdoor', zh: '户外' } },
];

export const SEED_PRODUCTS: readonly SeedProduct[] = [...KITCHEN_AND_HOME, ...GEAR];
