/**
 * Writes units of a queue again that were damaged in its file: the records are looked for in the
 * log between those of the neighbours. So damage in a queue costs no message, nor a restart.
 */
import type { Logger } from '@skylarkmq/base';
import { PropertyScan } from '@skylarkmq/message';
import type { CommitLog } from '../commit-log/commit-log.ts';
import { tagsCodeOf } from '../commit-log/tags-code-of.ts';
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import { FILLER_SIZE, UNIT_BYTES, unitPhysicalOffset, unitSize } from '../consume-queue/unit.ts';
import { LogScanner } from '../recovery/log-scanner.ts';
import type { RecordVerifier } from '../recovery/record-verifier.ts';

/** Units on each side in which a good neighbour is looked for. */
const NEIGHBOURS_MAX = 4096;
/** So much of the log is searched at most: it holds up everybody. */
const SEARCH_BYTES_MAX = 64 * 1024 * 1024;
/** Places that are remembered as searched. */
const TRIED_MAX = 10_000;

/** Written again; not in the log either; or not looked for (too far). */
export type RepairOutcome = 'repaired' | 'lost' | 'unknown';

export interface UnitRepairDeps {
  readonly log: CommitLog;
  readonly verifier: RecordVerifier;
  readonly logger: Logger;
  readonly delayLevelsMs: readonly number[];
  /** End of what may be seen. */
  readonly visibleEnd: () => number;
}

/** A unit whose record is as it should be. */
interface Neighbour {
  readonly offset: number;
  readonly start: number;
  readonly end: number;
}

export class UnitRepair {
  readonly #deps: UnitRepairDeps;
  readonly #scan: PropertyScan = new PropertyScan();
  #tried = new Set<string>();

  constructor(deps: UnitRepairDeps) {
    this.#deps = deps;
  }

  /** Looks for the record of `offset`, once; the units around it are repaired as well. */
  repair(queue: ConsumeQueue, offset: number): RepairOutcome {
    const place = `${queue.topic} ${queue.queueId} ${offset}`;
    if (this.#tried.has(place)) return 'lost';
    if (this.#tried.size >= TRIED_MAX) this.#tried.clear();
    this.#tried.add(place);
    const { log, logger, visibleEnd } = this.#deps;
    const before = this.#neighbour(queue, offset, -1);
    const after = this.#neighbour(queue, offset, 1);
    const from = before?.end ?? log.minOffset;
    const to = after?.start ?? visibleEnd();
    const { topic, queueId } = queue;
    if (to - from > SEARCH_BYTES_MAX) {
      logger.error({ topic, queueId, offset }, 'A damaged unit is too far from its neighbours');
      return 'unknown';
    }
    const first = (before?.offset ?? queue.minOffset - 1) + 1;
    const last = (after?.offset ?? queue.maxOffset) - 1;
    const found = this.#restore(queue, first, last, from, to);
    logger.warn({ topic, queueId, first, last, found: found.size }, 'Damaged units were repaired');
    return found.has(offset) ? 'repaired' : 'lost';
  }

  #restore(
    queue: ConsumeQueue,
    first: number,
    last: number,
    from: number,
    to: number,
  ): Set<number> {
    const { log, verifier, delayLevelsMs } = this.#deps;
    const { view } = verifier;
    const { topicInfo } = queue;
    const found = new Set<number>();
    const scanner = new LogScanner(log, verifier);
    for (let at = from; at < to; ) {
      const stop = scanner.run(
        at,
        (buffer, _at, size, physicalOffset) => {
          const { queueOffset, topicStart, topicEnd } = view;
          if (view.queueId !== queue.queueId || queueOffset < first || queueOffset > last) return;
          if (topicInfo.bytes.compare(buffer, topicStart, topicEnd) !== 0) return;
          const scan = this.#scan;
          scan.scan(buffer, view.propertiesStart, view.propertiesEnd);
          const code = tagsCodeOf(buffer, scan, topicInfo, view.storeTimestamp, delayLevelsMs);
          queue.restore(queueOffset, physicalOffset, size, code);
          found.add(queueOffset);
        },
        to,
      );
      at = stop.offset >= to ? to : scanner.findProven(stop.offset + 1, to);
    }
    return found;
  }

  /** The nearest unit in a direction that points to the very record that it should. */
  #neighbour(queue: ConsumeQueue, offset: number, step: 1 | -1): Neighbour | null {
    const { log, verifier } = this.#deps;
    const unit = Buffer.allocUnsafe(UNIT_BYTES);
    for (let i = 1; i <= NEIGHBOURS_MAX; i += 1) {
      const at = offset + i * step;
      if (at < queue.minOffset || at >= queue.maxOffset || !queue.unitAt(at, unit)) return null;
      const size = unitSize(unit, 0);
      const start = unitPhysicalOffset(unit, 0);
      const isInLog = start >= log.minOffset && start + size <= log.writtenOffset;
      if (size <= 0 || size === FILLER_SIZE || size > verifier.recordBytesMax || !isInLog) continue;
      const bytes = Buffer.allocUnsafe(size);
      if (log.readSync(start, size, bytes) < size) continue;
      if (verifier.check(bytes, 0, size, start) !== '') continue;
      if (verifier.view.queueOffset === at) return { offset: at, start, end: start + size };
    }
    return null;
  }
}
