export { MqError, MqErrorCode, type MqErrorOptions } from './error.ts';
export type { FileHandle, FileStat, FileSystem, VolumeSpace } from './file/file-system.ts';
export { type LogFields, type Logger, silentLogger } from './log/logger.ts';
export type { Prng } from './random/prng.ts';
export type { Clock } from './time/clock.ts';
export type { Scheduler, Timer } from './time/scheduler.ts';
