/** For a JVM that works for seconds: compiling it well takes longer than it saves. */
export const SHORT_LIVED_JVM: readonly string[] = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
