/**
 * Notes steps as they come. A restart may repeat what was not committed or not answered; but no
 * step comes before the one that precedes it.
 */
export class OrderLedger {
  readonly #last = new Map<string, number>();
  readonly #broken: string[] = [];
  /** Everything that came, repetitions among it. */
  count = 0;

  /** Takes the body of a message: "KEY/STEP". */
  note(body: string): void {
    const [key = '', text = ''] = body.split('/');
    const step = Number(text);
    const last = this.#last.get(key) ?? -1;
    if (!(step <= last + 1)) this.#broken.push(`${body} after ${last}`);
    this.#last.set(key, Math.max(last, step));
    this.count += 1;
  }

  /** Whether all of them came, up to this step. */
  has(keys: readonly string[], lastStep: number): boolean {
    return keys.every((key) => this.#last.get(key) === lastStep);
  }

  /** What came too early. */
  get broken(): readonly string[] {
    return this.#broken;
  }
}
