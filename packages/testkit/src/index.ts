export {
  bodyBytes,
  hostText,
  messageQueue,
  propertyMap,
  propertyText,
  recordFields,
  topicName,
} from './arbitraries.ts';
export { type FileSystemSubject, testFileSystem } from './compliance/file-system.ts';
export {
  checkLedger,
  type LedgerReport,
  type LedgerRules,
  violationsOf,
} from './ledger/check-ledger.ts';
export { hashOf, ledgerBody, readLedgerBody } from './ledger/ledger-body.ts';
export { type LedgerEvent, ledgerLine, parseLedger } from './ledger/ledger-event.ts';
export { mutatedBytes } from './mutated-bytes.ts';
export { type CrashChoice, CrashDisk, SECTOR_BYTES } from './sim/crash-disk.ts';
export { copyTree, flipBit, imageOf, readAll, walk, writeAll } from './sim/disk-image.ts';
export { type Fault, type FaultOperation, FaultyFileSystem } from './sim/faulty-file-system.ts';
export { RecordingFileSystem } from './sim/recording-file-system.ts';
export type { InitialFile, Trace, TraceOperation } from './sim/trace.ts';
