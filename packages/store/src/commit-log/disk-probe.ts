import { MqError } from '@skylarkmq/base';
import type { CommitLog } from './commit-log.ts';

/** Bytes that must fit before a full disk counts as writable again. */
const PROBE_BYTES = 64 * 1024;

/** `ok`: there is room. `full`: not yet. `failed`: fdatasync failed, which is final. */
export interface ProbeOutcome {
  readonly kind: 'ok' | 'full' | 'failed';
  readonly reason: string;
}

/**
 * Tries whether there is room behind the log, by blanking what a failed write may have left up to
 * `staleEnd`. It must be gone for good before anything new is written there: else a power cut could
 * leave old records behind a new one.
 */
export async function blankAndSync(
  log: CommitLog,
  from: number,
  staleEnd: number,
): Promise<ProbeOutcome> {
  const end = Math.max(staleEnd, from + PROBE_BYTES);
  const paths = new Set<string>();
  try {
    for (let at = from; at < end; ) {
      const segment = log.segments.find(at);
      if (segment === undefined) break;
      const bytes = Math.min(PROBE_BYTES, end - at, log.fileEnd(segment) - at);
      paths.add(segment.path);
      const pinned = log.handles.pin(segment.path);
      const zeros = Buffer.alloc(bytes);
      await pinned.handle.write(zeros, 0, bytes, at - segment.start).finally(() => pinned.unpin());
      at += bytes;
    }
  } catch (error) {
    return { kind: 'full', reason: MqError.from(error).message };
  }
  const pins = [...paths].map((path) => log.handles.pin(path));
  try {
    await Promise.all(pins.map((pin) => pin.handle.syncData()));
    return { kind: 'ok', reason: '' };
  } catch (error) {
    return { kind: 'failed', reason: `fdatasync failed: ${MqError.from(error).message}` };
  } finally {
    for (const pin of pins) pin.unpin();
  }
}
