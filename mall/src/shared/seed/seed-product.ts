/** A product to begin with. The image is the name of a drawing of the web shop. */
export interface SeedProduct {
  readonly id: string;
  readonly sku: string;
  readonly name: Texts;
  readonly description: Texts;
  readonly category: string;
  readonly priceCents: number;
  readonly originalPriceCents: number | null;
  readonly image: string;
  readonly tags: readonly string[];
  readonly flashSale: boolean;
  readonly stock: number;
}

/** In both languages of the shop. */
export interface Texts {
  readonly en: string;
  readonly zh: string;
}
