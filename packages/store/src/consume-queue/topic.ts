import { javaHashCode } from '@skylarkmq/base';

/** The topic whose consume queue holds deliver times instead of tag hashes. */
const SCHEDULE_TOPIC = 'SCHEDULE_TOPIC_XXXX';

/** What all queues of a topic share; computed once. */
export class Topic {
  readonly name: string;
  /** UTF-8, as it stands in records. */
  readonly bytes: Buffer;
  /** Java hash of `topic#`: the beginning of each index key, so that only the key is hashed. */
  readonly keyHashPrefix: number;
  /** Java hash of `topic#T#`: the beginning of each index key of a tag. */
  readonly tagHashPrefix: number;
  readonly isSchedule: boolean;

  constructor(name: string) {
    this.name = name;
    this.bytes = Buffer.from(name);
    this.keyHashPrefix = javaHashCode(`${name}#`);
    this.tagHashPrefix = javaHashCode(`${name}#T#`);
    this.isSchedule = name === SCHEDULE_TOPIC;
  }
}
