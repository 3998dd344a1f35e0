import { type Header, header } from './schema.ts';

/** One request code with the headers of request and answer. Bodies are in `body/`. */
export interface Rpc<Request, Response> {
  readonly code: number;
  readonly request: Header<Request>;
  readonly response: Header<Response>;
}

/** A header without fields. */
export type NoFields = Readonly<Record<never, never>>;

export const noFields: Header<NoFields> = header<NoFields>({});
