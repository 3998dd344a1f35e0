/** Appends what POP writes, and says at once whether it was taken. */
import type { Clock } from '@skylarkmq/base';
import { encodeProperties } from '@skylarkmq/message';
import { AppendRequest, type MessageStore, type PutMessage, PutStatus } from '@skylarkmq/store';
import type { BrokerIdentity } from '../identity.ts';

/** What became of an append. */
export interface Appended {
  /** `Ok`: it is in the log, or will be. Anything else: nothing happened. */
  readonly status: PutStatus;
  /** Where it ends in the log. */
  readonly physicalEnd: number;
  /** Resolves when it is stored to the promised degree, or failed. */
  readonly stored: Promise<PutStatus>;
}

export interface PopAppendsDeps {
  readonly store: Pick<MessageStore, 'append' | 'queue'>;
  readonly clock: Clock;
  readonly identity: Pick<BrokerIdentity, 'storeHost'>;
}

export class PopAppends {
  readonly #deps: PopAppendsDeps;
  readonly #request = new AppendRequest();

  constructor(deps: PopAppendsDeps) {
    this.#deps = deps;
  }

  append(message: PutMessage): Appended {
    const { store, clock, identity } = this.#deps;
    const request = this.#request;
    const properties = encoded(message.properties);
    const { body } = message;
    request.queue = store.queue(message.topic, message.queueId);
    request.flag = message.flag ?? 0;
    request.sysFlag = message.sysFlag ?? 0;
    request.reconsumeTimes = message.reconsumeTimes ?? 0;
    request.bornTimestamp = message.bornTimestamp ?? clock.nowMs();
    request.bornHost = message.bornHost ?? identity.storeHost;
    request.body = Buffer.isBuffer(body) ? body : Buffer.from(body);
    request.bodyStart = 0;
    request.bodyEnd = request.body.length;
    request.properties = properties;
    request.propertiesStart = 0;
    request.propertiesEnd = properties.length;
    request.scan.scan(properties, 0, properties.length);
    const completion = new Completion();
    request.completion = completion;
    const status = store.append(request);
    request.completion = null;
    const physicalEnd = request.physicalOffset + request.recordBytes;
    if (status !== PutStatus.Ok) completion.completed(status);
    return { status, physicalEnd, stored: completion.stored };
  }
}

class Completion {
  completed: (status: PutStatus) => void = () => {};
  readonly stored: Promise<PutStatus> = new Promise((resolve) => {
    this.completed = resolve;
  });
}

function encoded(properties: PutMessage['properties']): Buffer {
  if (Buffer.isBuffer(properties)) return properties;
  return encodeProperties(properties ?? []);
}
