/**
 * Which messages must not be delivered although they are due: those that marks in the timer queue
 * delete. Marks of far seconds wait on disk beside the messages; here are those of the near ones,
 * and those that were just acknowledged and are not read from the queue yet.
 */

/** Recalls that may be under way at a time. */
const RECALLS_UNDER_WAY_MAX = 100_000;

export class RecallMarks {
  readonly #underWay = new Map<string, { count: number; isStored: boolean }>();
  readonly #bySecond = new Map<number, Set<string>>();

  /** From now on the message is not delivered; false when too many recalls are under way. */
  announce(key: string): boolean {
    const known = this.#underWay.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#underWay.size >= RECALLS_UNDER_WAY_MAX) return false;
    else this.#underWay.set(key, { count: 1, isStored: false });
    return true;
  }

  /** The mark is stored. */
  confirm(key: string): void {
    const known = this.#underWay.get(key);
    if (known !== undefined) known.isStored = true;
  }

  /** The mark was taken in, into the wheel or by `add`; or it could not be stored. */
  settle(key: string): void {
    const known = this.#underWay.get(key);
    if (known === undefined) return;
    known.count -= 1;
    if (known.count <= 0) this.#underWay.delete(key);
  }

  add(second: number, key: string): void {
    const keys = this.#bySecond.get(second);
    if (keys === undefined) this.#bySecond.set(second, new Set([key]));
    else keys.add(key);
  }

  /** Whether the message goes out; 'wait': its recall may yet fail. */
  // RocketMQ: TimerMessageStore#buildDeleteKey
  verdict(second: number, topic: string, uniqueKey: string): 'deliver' | 'drop' | 'wait' {
    if (this.#underWay.size === 0 && this.#bySecond.size === 0) return 'deliver';
    const long = `${topic}+${uniqueKey}`;
    const keys = this.#bySecond.get(second);
    if (keys !== undefined && (keys.has(uniqueKey) || keys.has(long))) return 'drop';
    const underWay = this.#underWay.get(uniqueKey) ?? this.#underWay.get(long);
    if (underWay === undefined) return 'deliver';
    return underWay.isStored ? 'drop' : 'wait';
  }

  /** Nothing of these seconds is left to deliver. */
  forgetBefore(second: number): void {
    for (const known of this.#bySecond.keys()) if (known < second) this.#bySecond.delete(known);
  }
}
