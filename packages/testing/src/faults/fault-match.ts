/** Which requests a fault is for. */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { type Command, RequestCode } from '@skylarkmq/wire';

/**
 * What a client asks for: `send` stores messages, `receive` pulls or pops them, `settle` says what
 * became of them (offsets, acknowledgements, retries), `transaction` ends one.
 */
export type FaultRequest = 'send' | 'receive' | 'settle' | 'transaction';

/** Which requests a fault is for; what is left out does not matter. */
export interface FaultMatch {
  /** Requests that name this topic. */
  readonly topic?: string;
  /** Requests that name this group of producers or consumers. */
  readonly group?: string;
  readonly request?: FaultRequest;
  /** RocketMQ's request codes, for what `request` does not name. */
  readonly code?: number | readonly number[];
  /** How often it happens. Default: until it is removed. */
  readonly times?: number;
  /** How likely it happens to a request that fits, above 0 up to 1. Default 1. */
  readonly probability?: number;
}

const CODES: Readonly<Record<FaultRequest, readonly number[]>> = {
  send: [RequestCode.SendMessage, RequestCode.SendMessageV2, RequestCode.SendBatchMessage],
  receive: [RequestCode.PullMessage, RequestCode.LitePullMessage, RequestCode.PopMessage],
  settle: [
    RequestCode.UpdateConsumerOffset,
    RequestCode.ConsumerSendMsgBack,
    RequestCode.AckMessage,
    RequestCode.BatchAckMessage,
    RequestCode.ChangeMessageInvisibletime,
  ],
  transaction: [RequestCode.EndTransaction],
};

/** Header fields with the name; short ones are those of the compact send. */
const TOPIC_FIELDS: readonly string[] = ['topic', 'originTopic'];
const GROUP_FIELDS: readonly string[] = ['group', 'consumerGroup', 'producerGroup'];
const COMPACT_CODES: ReadonlySet<number> = new Set<number>([
  RequestCode.SendMessageV2,
  RequestCode.SendBatchMessage,
]);
const COMPACT_TOPIC = 'b';
const COMPACT_GROUP = 'a';

/** A match, checked, as a question about requests. INVALID_ARGUMENT for one that never fits. */
export function matcherOf(match: FaultMatch): (command: Command) => boolean {
  const { topic, group } = match;
  checkNumbers(match);
  const codes = codesOf(match);
  return (command) => {
    if (codes !== undefined && !codes.has(command.code)) return false;
    const isCompact = COMPACT_CODES.has(command.code);
    if (topic !== undefined) {
      const fields = isCompact ? [COMPACT_TOPIC] : TOPIC_FIELDS;
      if (!fields.some((name) => command.ext.get(name) === topic)) return false;
    }
    if (group === undefined) return true;
    const fields = isCompact ? [COMPACT_GROUP] : GROUP_FIELDS;
    return fields.some((name) => command.ext.get(name) === group);
  };
}

function checkNumbers({ times, probability }: FaultMatch): void {
  if (times !== undefined && !(Number.isInteger(times) && times > 0)) {
    throw invalid(`times is ${times}: give a whole number above 0`);
  }
  if (probability !== undefined && !(probability > 0 && probability <= 1)) {
    throw invalid(`probability is ${probability}: give a number above 0, up to 1`);
  }
}

/** Undefined: all. */
function codesOf({ request, code }: FaultMatch): ReadonlySet<number> | undefined {
  if (request === undefined && code === undefined) return undefined;
  if (request !== undefined && code !== undefined) {
    throw invalid('request and code exclude each other: give one of the two');
  }
  if (request === undefined) return new Set(typeof code === 'number' ? [code] : code);
  const codes = CODES[request];
  if (codes === undefined) throw invalid(`request is ${request}: give ${Object.keys(CODES)}`);
  return new Set(codes);
}

function invalid(message: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, message);
}
