/** Bits of a topic's permission. */
export const Permission = {
  /** New topics may be made after this one (only the default topic has it). */
  Inherit: 1,
  Write: 2,
  Read: 4,
  Priority: 8,
} as const;

/** Read and write, what an ordinary topic has. */
export const READ_WRITE = 6;

export function isReadable(permission: number): boolean {
  return (permission & Permission.Read) !== 0;
}

export function isWritable(permission: number): boolean {
  return (permission & Permission.Write) !== 0;
}

export function isInherited(permission: number): boolean {
  return (permission & Permission.Inherit) !== 0;
}
