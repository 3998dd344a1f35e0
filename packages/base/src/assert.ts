/** A programmer error: an invariant of our own code does not hold. Operating errors are MqError. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}`);
}
