import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { MessageView } from './message-view.ts';

const SUSPEND_MS_MIN = 50;

/** What became of a message in a listener. */
export class ConsumeResult {
  /** It is done. */
  static readonly SUCCESS: ConsumeResult = new ConsumeResult('SUCCESS');
  /** It is to come again. */
  static readonly FAILURE: ConsumeResult = new ConsumeResult('FAILURE');

  readonly name: string;

  protected constructor(name: string) {
    this.name = name;
  }

  toString(): string {
    return this.name;
  }
}

/** It is to come again after a time. */
export class ConsumeResultSuspend extends ConsumeResult {
  readonly suspendTimeMs: number;

  private constructor(suspendTimeMs: number) {
    super('SUSPEND');
    this.suspendTimeMs = suspendTimeMs;
  }

  /** After so many milliseconds, 50 or more. */
  static of(suspendTimeMs: number): ConsumeResultSuspend {
    if (Number.isInteger(suspendTimeMs) && suspendTimeMs >= SUSPEND_MS_MIN) {
      return new ConsumeResultSuspend(suspendTimeMs);
    }
    const text = `suspendTimeMs must be an integer of ${SUSPEND_MS_MIN} at least`;
    throw new MqError(MqErrorCode.InvalidArgument, `${text}, not ${suspendTimeMs}`);
  }

  override toString(): string {
    return `SUSPEND(${this.suspendTimeMs})`;
  }
}

/** Handles messages; what it throws counts as a failure. */
export interface MessageListener {
  consume(messageView: MessageView): ConsumeResult | Promise<ConsumeResult>;
}
