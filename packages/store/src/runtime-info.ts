import type { StoreEngine } from './engine.ts';
import type { MessageStore } from './message-store.ts';

/** The store's part of RocketMQ's runtime info. RocketMQ: DefaultMessageStore#getRuntimeInfo */
export function runtimeInfo(store: MessageStore, engine: StoreEngine): Map<string, string> {
  return new Map([
    ['commitLogMinOffset', String(store.minPhysicalOffset)],
    ['commitLogMaxOffset', String(store.maxPhysicalOffset)],
    ['commitLogDurableOffset', String(store.durableOffset)],
    ['commitLogDiskRatio', engine.cleaner.diskRatio.toFixed(4)],
    ['dispatchBehindBytes', String(store.dispatchBehindBytes)],
    ['tailCacheBytes', String(engine.log.tail.bytes)],
    ['writesAsynchronously', String(engine.writer.writesAsynchronously)],
    ['damagedRanges', String(store.recovery.damaged.length)],
  ]);
}
