import { javaHashCode, javaHashCodeUtf8 } from '@skylarkmq/base';

/** What the ConsumeQueue keeps of a tag: Java's hash of it; 0 for no tag. */
export function tagsCode(tag: string | undefined): number {
  return tag === undefined || tag === '' ? 0 : javaHashCode(tag);
}

/** The same from the tag's bytes; 0 when `start` is negative (no tag). */
export function tagsCodeOfBytes(buffer: Buffer, start: number, end: number): number {
  return start < 0 ? 0 : javaHashCodeUtf8(buffer, start, end);
}
