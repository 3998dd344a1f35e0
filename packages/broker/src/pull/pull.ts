/** One pull from its arrival to its answer, with nothing of its frame once it waits. */

import { PullFlag } from '@skylarkmq/message';
import type { Connection } from '@skylarkmq/remoting';
import type { QueueHandle } from '@skylarkmq/store';
import { Command, type PullMessageScan } from '@skylarkmq/wire';
import type { MessageFilter } from '../filter/message-filter.ts';
import type { HeldPull } from '../long-poll/pull-holds.ts';
import type { LogicalPlace } from '../static-topic/queue-parts.ts';

const NO_FRAME: Buffer = Buffer.alloc(0);

export class Pull implements HeldPull {
  readonly connection: Connection;
  readonly code: number;
  readonly group: string;
  readonly topic: string;
  readonly queueId: number;
  readonly offset: number;
  readonly commitOffset: number;
  readonly maxMsgNums: number;
  readonly sysFlag: number;
  readonly suspendTimeoutMillis: number;
  readonly subscription: string;
  readonly subVersion: number;
  readonly expressionType: string;
  /** What is answered; after `detach` without the frame. */
  command: Command;
  /** Whether it may wait when there is nothing: not when it has waited already. */
  maySuspend: boolean;
  queue: QueueHandle | null = null;
  filter: MessageFilter | null = null;
  topicSysFlag = 0;
  groupSysFlag = 0;
  /** Where it reads when it is from a queue of a static topic; its offsets are physical. */
  logical: LogicalPlace | null = null;
  readonly #resume: (pull: Pull) => void;

  constructor(
    scan: PullMessageScan,
    command: Command,
    connection: Connection,
    resume: (pull: Pull) => void,
  ) {
    this.connection = connection;
    this.command = command;
    this.#resume = resume;
    this.code = command.code;
    this.group = scan.consumerGroup;
    this.topic = scan.topic;
    this.queueId = scan.queueId;
    this.offset = scan.queueOffset;
    this.commitOffset = scan.commitOffset;
    this.maxMsgNums = scan.maxMsgNums;
    this.sysFlag = scan.sysFlag;
    this.suspendTimeoutMillis = scan.suspendTimeoutMillis;
    this.subscription = scan.subscription;
    this.subVersion = scan.subVersion;
    this.expressionType = scan.expressionType;
    this.maySuspend = this.has(PullFlag.Suspend);
  }

  /** Whether a bit of `PullFlag` is set. */
  has(flag: number): boolean {
    return (this.sysFlag & flag) !== 0;
  }

  /** Lets the frame go, which may lie in a big chunk with others. */
  detach(): void {
    const { flag, opaque, serialization, version } = this.command;
    const bare = new Command(NO_FRAME, 0);
    bare.code = this.code;
    bare.flag = flag;
    bare.opaque = opaque;
    bare.serialization = serialization;
    bare.version = version;
    this.command = bare;
  }

  resume(): void {
    this.#resume(this);
  }
}
