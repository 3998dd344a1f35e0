/**
 * Makes messages, and batches of them, ready for their header: checked, with an id, compressed
 * where that is worth it.
 */
import { type Clock, MqError, MqErrorCode } from '@skylarkmq/base';
import {
  type BatchMessage,
  batchMessageBytes,
  encodeBatch,
  PropertyName,
  SystemFlag,
} from '@skylarkmq/message';
import type { SendArguments } from '../api/send-message.ts';
import type { BodyCompressor } from './body-compressor.ts';
import { type OutgoingMessage, type PreparedMessage, propertyText } from './outgoing-message.ts';

const DELAYS = [
  PropertyName.DelayLevel,
  PropertyName.TimerDelaySeconds,
  PropertyName.TimerDelayMs,
  PropertyName.TimerDeliverMs,
] as const;

/** What is sent in one request, and how its queue is chosen. */
export interface Parcel {
  readonly topic: string;
  readonly arguments: SendArguments;
  readonly shardingKey: string | undefined;
  readonly messages: readonly PreparedMessage[];
  /** A request, or a half: the broker must know this client before. */
  readonly isRequest?: boolean;
}

/** What the client gives a message besides what its user wrote. */
export interface MessageExtras {
  readonly properties: ReadonlyMap<string, string>;
  readonly isRequest?: boolean;
  /** A reply: its topic is the platform's. */
  readonly isReply?: boolean;
  /** The first half of a transaction: the broker must know this client before, too. */
  readonly isHalf?: boolean;
}

/** A message that can be part of a batch. */
export interface BatchMember {
  readonly prepared: PreparedMessage;
  readonly encoded: BatchMessage;
  /** What it takes in a batch. */
  readonly bytes: number;
}

/** What packing needs. */
export interface PackerDeps {
  readonly clock: Clock;
  readonly compressor: BodyCompressor;
  /** The group as brokers know it. */
  readonly group: string;
  readonly bodyBytesMax: number;
  /** Checks a message and gives it an id. */
  prepare(message: OutgoingMessage, isReply: boolean): PreparedMessage;
}

/** See the head of this file. */
export class Packer {
  readonly #deps: PackerDeps;

  constructor(deps: PackerDeps) {
    this.#deps = deps;
  }

  /** One message; a promise only where the body is to be compressed. */
  pack(message: OutgoingMessage, extras?: MessageExtras): Parcel | Promise<Parcel> {
    const { compressor, prepare } = this.#deps;
    const prepared = prepare(message, extras?.isReply ?? false);
    if (extras !== undefined) {
      for (const [name, value] of extras.properties) prepared.properties.set(name, value);
    }
    if (extras?.isHalf === true) checkHalf(prepared);
    const { body } = prepared;
    if (!compressor.wants(body.length)) return this.#parcel(prepared, body, 0, extras);
    return compressor
      .encode(body)
      .then((encoded) => this.#parcel(prepared, encoded.body, encoded.sysFlag, extras));
  }

  /** Several messages of one topic. */
  packBatch(messages: readonly OutgoingMessage[]): Parcel {
    const members = messages.map((message) => this.member(message));
    const [first] = members;
    for (const { prepared } of members) {
      if (prepared.shardingKey === first?.prepared.shardingKey) continue;
      throw invalid('The messages of a batch go to one queue: they must have the same shardingKey');
    }
    return this.#packBatch(members);
  }

  /** Checks a message for a batch and gives it an id. */
  member(message: OutgoingMessage): BatchMember {
    const prepared = this.#deps.prepare(message, false);
    if (DELAYS.some((name) => prepared.properties.has(name))) {
      throw invalid('A message in a batch cannot have a delay or a time of delivery');
    }
    const encoded = {
      flag: prepared.flag,
      body: prepared.body,
      properties: Buffer.from(propertyText(prepared), 'utf8'),
    };
    return { prepared, encoded, bytes: batchMessageBytes(encoded) };
  }

  /** What goes to one queue together: a batch, or the plain message where it is only one. */
  packMembers(members: readonly BatchMember[]): Parcel {
    const [first] = members;
    if (first === undefined || members.length > 1) return this.#packBatch(members);
    return this.#parcel(first.prepared, first.prepared.body, 0, undefined);
  }

  #packBatch(members: readonly BatchMember[]): Parcel {
    const { clock, group, bodyBytesMax } = this.#deps;
    const first = members[0]?.prepared;
    if (first === undefined) throw invalid('A batch needs at least one message');
    for (const { prepared } of members) checkBatchMember(prepared, first);
    const body = encodeBatch(members.map(({ encoded }) => encoded));
    if (body.length > bodyBytesMax) {
      throw invalid(
        `A batch takes ${body.length} bytes, at most ${bodyBytesMax} are allowed: ` +
          'split it with splitBatch',
      );
    }
    return {
      topic: first.topic,
      shardingKey: first.shardingKey,
      messages: members.map(({ prepared }) => prepared),
      arguments: {
        group,
        topic: first.topic,
        flag: 0,
        sysFlag: 0,
        bornTimestamp: clock.nowMs(),
        batch: true,
        body,
        properties: `${PropertyName.Wait}\u0001${String(first.waitForStore)}\u0002`,
        messageIds: members.map(({ prepared }) => prepared.uniqueId),
      },
    };
  }

  #parcel(
    prepared: PreparedMessage,
    body: Buffer,
    sysFlag: number,
    extras: MessageExtras | undefined,
  ): Parcel {
    const { flag, topic, shardingKey, uniqueId } = prepared;
    return {
      topic,
      shardingKey,
      messages: [prepared],
      arguments: {
        group: this.#deps.group,
        topic,
        flag,
        bornTimestamp: this.#deps.clock.nowMs(),
        batch: false,
        body,
        sysFlag: extras?.isHalf === true ? sysFlag | SystemFlag.TransactionPrepared : sysFlag,
        properties: propertyText(prepared),
        messageIds: [uniqueId],
        isReply: extras?.isReply ?? false,
      },
      isRequest: (extras?.isRequest ?? false) || (extras?.isHalf ?? false),
    };
  }
}

// RocketMQ: MessageBatch#generateFromList
function checkBatchMember(message: PreparedMessage, first: PreparedMessage): void {
  if (message.topic !== first.topic) {
    throw invalid(`A batch is for one topic, not for ${first.topic} and ${message.topic}`);
  }
  if (message.waitForStore !== first.waitForStore) {
    throw invalid('The messages of a batch must agree on waitForStore');
  }
}

/** Official brokers lose the first half of a transaction that is to come later. */
function checkHalf({ properties }: PreparedMessage): void {
  for (const name of DELAYS) {
    if (!properties.has(name)) continue;
    throw invalid('A message of a transaction cannot have a delay or a time of delivery');
  }
}

function invalid(message: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, message);
}
