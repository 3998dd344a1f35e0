/** How values become bodies and bodies values again. */
export interface PayloadCodec {
  encode(value: unknown): string | Uint8Array;
  /** Throws when the body does not have its form. */
  decode(body: Buffer): unknown;
}

/** JSON in UTF-8. */
export const jsonCodec: PayloadCodec = {
  encode(value) {
    const text: string | undefined = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`A ${typeof value} has no form in JSON`);
    return text;
  },
  decode: (body) => JSON.parse(body.toString('utf8')),
};
