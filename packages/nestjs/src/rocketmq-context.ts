import { BaseRpcContext } from '@nestjs/microservices';
import type { ConsumerMessage, RejectOptions, RetryOptions } from '@skylarkmq/client';

/**
 * What a handler gets with `@Ctx()`. A handler that returns acknowledges its message, one that
 * throws has it delivered again; {@link retry} and {@link reject} are for those that want more.
 */
export class RocketMqContext extends BaseRpcContext<[ConsumerMessage, string, AbortSignal]> {
  /** The message with all its properties. */
  getMessage(): ConsumerMessage {
    return this.args[0];
  }

  /** The topic that the sender named. */
  getTopic(): string {
    return this.args[0].topic;
  }

  /** The pattern of the handler. */
  getPattern(): string {
    return this.args[1];
  }

  /** Fires when the application closes and waits for the handler no longer. */
  getSignal(): AbortSignal {
    return this.args[2];
  }

  /**
   * Has the message delivered again, for example after `delayMs`; what the handler does next does
   * not change that.
   */
  retry(options: RetryOptions = {}): Promise<void> {
    return this.args[0].retry(options);
  }

  /** Puts the message into the dead letters of the group. */
  reject(options: RejectOptions = {}): Promise<void> {
    return this.args[0].reject(options);
  }
}
