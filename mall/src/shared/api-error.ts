/** What a service answers when it cannot do what was asked: `{error: {code, message}}`. */

/** Codes that callers act on; more may come. */
export type ApiErrorCode =
  | 'INVALID'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'CSRF'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'OUT_OF_STOCK'
  | 'COUPON_NOT_USABLE'
  | 'COUPON_EXPIRED'
  | 'COUPON_MINIMUM'
  | 'BALANCE_TOO_LOW'
  | 'PRICE_CHANGED'
  | 'UNDONE'
  | 'BUSY'
  | 'TOO_MANY_REQUESTS'
  | 'UNAVAILABLE'
  | 'INTERNAL';

const STATUS: Readonly<Record<ApiErrorCode, number>> = {
  INVALID: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  CSRF: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  OUT_OF_STOCK: 409,
  COUPON_NOT_USABLE: 409,
  COUPON_EXPIRED: 409,
  COUPON_MINIMUM: 409,
  BALANCE_TOO_LOW: 409,
  PRICE_CHANGED: 409,
  UNDONE: 409,
  BUSY: 503,
  TOO_MANY_REQUESTS: 429,
  UNAVAILABLE: 503,
  INTERNAL: 500,
};

export class ApiError extends Error {
  readonly status: number;
  /** One of {@link ApiErrorCode}, or what another service answered. */
  readonly code: string;

  constructor(code: ApiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = STATUS[code];
  }
}

/** The code of what went wrong; INTERNAL for what has none. */
export function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : 'INTERNAL';
}

/** What went wrong in words, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
