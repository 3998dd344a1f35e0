/** Up to when timer messages were delivered: the first field of config/timercheck. */
import type { FileSystem } from '@skylarkmq/base';

const BYTES = 8;

/** Milliseconds since the epoch; 0 when nothing says so. */
// RocketMQ: TimerCheckpoint, lastReadTimeMs
export function timersFiredUntil(fileSystem: FileSystem, directory: string): number {
  const path = `${directory}/config/timercheck`;
  const stat = fileSystem.stat(path);
  if (stat === undefined || stat.size < BYTES) return 0;
  const file = fileSystem.open(path, 'r');
  try {
    const bytes = Buffer.alloc(BYTES);
    file.readSync(bytes, 0, BYTES, 0);
    return Math.max(0, Number(bytes.readBigInt64BE(0)));
  } finally {
    file.close();
  }
}
