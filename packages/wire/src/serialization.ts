/** How a header is encoded: the type byte of a frame. */
export const Serialization = {
  Json: 0,
  Binary: 1,
} as const;

export type Serialization = (typeof Serialization)[keyof typeof Serialization];
