/**
 * Where recovery must begin to read: config/popProgress.json, a file of our own that Apache
 * ignores. Saved together with the offsets of groups and ordered POP, after the log is durable.
 */
import {
  type JsonFile,
  type JsonObject,
  jsonNumberOr,
  jsonObjectOr,
  type Logger,
} from '@skylarkmq/base';
import type { MessageStore } from '@skylarkmq/store';
import type { ConsumerOffsets } from '../offset/consumer-offsets.ts';
import type { BrokerSettings } from '../settings.ts';
import type { LogPlace } from './flight.ts';
import type { FlightTable } from './flight-table.ts';
import type { OrderInfos } from './order-infos.ts';
import type { PopCommits } from './pop-commits.ts';
import type { ReviveLog } from './revive-log.ts';

/** Owner of the offsets of the revive topic. RocketMQ: PopAckConstants#REVIVE_GROUP */
export const REVIVE_GROUP = 'CID_RMQ_SYS_REVIVE_GROUP';
const COMMITTED_BY = 'pop revive';

/** Cuts that are kept; of more every second one is left out, which only means to read more. */
const CUTS_MAX = 512;

/** Where the logs ended at one moment. */
export interface LogCut {
  readonly wheelOffset: number;
  /** By revive queue. */
  readonly reviveOffsets: ReadonlyMap<number, number>;
}

/** Where to begin to read. */
export interface SavedProgress {
  /** Undefined when nothing was saved. */
  readonly wheelOffset: number | undefined;
  /** By revive queue. */
  readonly reviveOffsets: ReadonlyMap<number, number>;
  /** What was committed for `REVIVE_GROUP` then: more means that another broker went on. */
  readonly doneOffsets: ReadonlyMap<number, number>;
}

export interface PopProgressDeps {
  /** Null keeps nothing. */
  readonly file: JsonFile | null;
  readonly store: Pick<MessageStore, 'durableOffset' | 'flush' | 'maxPhysicalOffset'>;
  readonly offsets: ConsumerOffsets;
  readonly orders: OrderInfos;
  readonly flights: FlightTable;
  readonly commits: PopCommits;
  readonly log: ReviveLog;
  readonly logger: Logger;
  settings(): Pick<BrokerSettings, 'reviveQueueNum'>;
}

export class PopProgress {
  readonly #deps: PopProgressDeps;
  /**
   * Ascending; everything in flight is behind the first. The logs are read from one moment on: a
   * check point is found with all that was said of it, or not at all.
   */
  #cuts: LogCut[] = [];
  #saved = '';
  #saving: Promise<void> | undefined;

  constructor(deps: PopProgressDeps) {
    this.#deps = deps;
  }

  /** CORRUPT when the file is not one of ours. */
  load(): SavedProgress {
    const root = jsonObjectOr(this.#deps.file?.load(), 'popProgress');
    const reviveOffsets = offsetsOf(root, 'reviveOffsets');
    const doneOffsets = offsetsOf(root, 'doneOffsets');
    const wheelOffset = jsonNumberOr(root.get('wheelOffset'), 'wheelOffset', -1);
    return { wheelOffset: wheelOffset < 0 ? undefined : wheelOffset, reviveOffsets, doneOffsets };
  }

  /** Everything in flight was found by reading from here. */
  began(cut: LogCut): void {
    this.#cuts = [cut];
  }

  /** Saves how far everything is, once for everybody who asks. Failures are logged. */
  save(): Promise<void> {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async #save(): Promise<void> {
    const { store, offsets, orders, commits, log, file, logger } = this.#deps;
    const places = this.#places();
    const text = JSON.stringify([...places]);
    if (text === this.#saved) return;
    const pending = commits.pending();
    const cut = this.#cut();
    try {
      const end = store.maxPhysicalOffset;
      if (store.durableOffset < end) await store.flush();
      if (store.durableOffset < end) return;
      commits.commitTo(pending);
      const doneOffsets = new Map<number, number>();
      for (const [queueId, place] of places) {
        // RocketMQ: the committed offset is that of the last record that is done.
        const before = offsets.query(REVIVE_GROUP, log.topic, queueId);
        doneOffsets.set(queueId, Math.max(before, place.reviveOffset - 1));
      }
      await offsets.saveLater();
      await orders.saveLater();
      await file?.saveLater({ ...cut, doneOffsets });
      // After the file: whoever finds more committed than the file says knows that it was not us.
      for (const [queueId, done] of doneOffsets) {
        if (done >= 0) offsets.commit(REVIVE_GROUP, log.topic, queueId, done, COMMITTED_BY);
      }
      this.#saved = text;
    } catch (error) {
      logger.error({ error }, 'The progress of POP cannot be saved; it is tried again');
    }
  }

  /** The newest cut that is before everything in flight. */
  #cut(): LogCut {
    const { log, flights, settings } = this.#deps;
    const oldest = [...flights.oldest()];
    const reviveOffsets = new Map<number, number>();
    for (let queueId = 0; queueId < settings().reviveQueueNum; queueId++) {
      reviveOffsets.set(queueId, log.place(queueId).reviveOffset);
    }
    for (const [queueId] of oldest) {
      reviveOffsets.set(queueId, log.place(queueId).reviveOffset);
    }
    const now: LogCut = { wheelOffset: log.place(0).wheelOffset, reviveOffsets };
    this.#cuts.push(now);
    const isBeforeAll = (cut: LogCut): boolean =>
      oldest.every(
        ([queueId, place]) =>
          cut.wheelOffset <= place.wheelOffset &&
          (cut.reviveOffsets.get(queueId) ?? 0) <= place.reviveOffset,
      );
    const index = Math.max(0, this.#cuts.findLastIndex(isBeforeAll));
    this.#cuts.splice(0, index);
    if (this.#cuts.length > CUTS_MAX) this.#cuts = this.#cuts.filter((_, at) => at % 2 === 0);
    return this.#cuts[0] ?? now;
  }

  /** By revive queue: the place of the oldest check point in flight, else the end of the logs. */
  #places(): Map<number, LogPlace> {
    const { log, flights, settings } = this.#deps;
    const places = new Map<number, LogPlace>();
    for (let queueId = 0; queueId < settings().reviveQueueNum; queueId++) {
      places.set(queueId, log.place(queueId));
    }
    for (const [queueId, place] of flights.oldest()) places.set(queueId, place);
    return places;
  }
}

function offsetsOf(root: JsonObject, name: string): Map<number, number> {
  const offsets = new Map<number, number>();
  for (const [queueId, offset] of jsonObjectOr(root.get(name), name)) {
    offsets.set(Number(queueId), jsonNumberOr(offset, name, 0));
  }
  return offsets;
}
