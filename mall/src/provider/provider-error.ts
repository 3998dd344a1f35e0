/** An answer that is no success: the status of HTTP, a code for programs, a sentence for people. */
export class ProviderError extends Error {
  readonly statusCode: number;
  readonly code: string;

  constructor(statusCode: number, code: string, message: string) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
  }
}
