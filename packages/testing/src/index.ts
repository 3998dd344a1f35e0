export { VirtualTime } from '@skylarkmq/base';
export type { MessageMatcher, MessageShape } from './expect/matcher.ts';
export type { ExpectOptions } from './expect/topic-watch.ts';
export type { Fault, FaultKind } from './faults/fault.ts';
export type { FaultMatch, FaultRequest } from './faults/fault-match.ts';
export type { CrashFault, Faults } from './faults/faults.ts';
export { Skylark, type SkylarkClientOptions } from './skylark.ts';
export { type StartSkylarkOptions, startSkylark } from './start-skylark.ts';
