export { assert } from './assert.ts';
export { abortError, onAbort, throwIfAborted } from './async/abort.ts';
export { type Deferred, deferred } from './async/deferred.ts';
export { ByteReader } from './bytes/byte-reader.ts';
export { ByteWriter } from './bytes/byte-writer.ts';
export { crc32, crc32Combine } from './bytes/crc32.ts';
export { javaHashCode, javaHashCodeUtf8 } from './bytes/hash-code.ts';
export {
  formatJavaProperties,
  parseJavaProperties,
  updateJavaProperties,
} from './config/java-properties.ts';
export { MqError, MqErrorCode, type MqErrorOptions } from './error.ts';
export { ConfigFile } from './file/config-file.ts';
export type {
  FileHandle,
  FileStat,
  FileSystem,
  OpenMode,
  VolumeSpace,
} from './file/file-system.ts';
export { JsonFile } from './file/json-file.ts';
export { MemoryFileSystem } from './file/memory-file-system.ts';
export {
  type JsonInput,
  type JsonInputKey,
  type JsonInputObject,
  type JsonLimits,
  parseFastjson,
  type StringifyOptions,
  stringifyJson,
} from './json/fastjson.ts';
export {
  jsonArray,
  jsonArrayOr,
  jsonBoolean,
  jsonBooleanOr,
  jsonNumber,
  jsonNumberOr,
  jsonObject,
  jsonObjectOr,
  jsonString,
  jsonStringOr,
} from './json/json-access.ts';
export type { JsonArray, JsonObject, JsonValue } from './json/json-value.ts';
export { type LogFields, type Logger, silentLogger } from './log/logger.ts';
export { createPrng } from './random/create-prng.ts';
export type { Prng } from './random/prng.ts';
export { realClock } from './real/clock.ts';
export { realFileSystem } from './real/file-system.ts';
export { randomSeed, realPrng } from './real/prng.ts';
export { realScheduler } from './real/scheduler.ts';
export { nearestName } from './text/nearest-name.ts';
export { unknownKeyText } from './text/unknown-key.ts';
export type { Clock } from './time/clock.ts';
export type { Scheduler, Timer } from './time/scheduler.ts';
export { VirtualTime, type VirtualTimeOptions } from './time/virtual-time.ts';
