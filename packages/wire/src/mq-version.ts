/** Version numbers of the protocol: ordinals in Apache's list of releases. */
export const MqVersion = {
  V3_0_7: 28,
  V3_0_11: 37,
  V3_1_8: 62,
  V3_4_9: 121,
  V4_1_0: 232,
  V4_9_4: 401,
  V5_0_0: 413,
  V5_5_0: 513,
} as const;

/** What we claim to speak. */
export const OUR_VERSION: number = MqVersion.V5_5_0;

/** "5.5.0" for 513, "4.9.4" for 401 and so on: ten patch levels a minor since 4.0.0. */
export function versionName(version: number): string {
  if (version < 213) return `3.x(${version})`;
  const patches = Math.floor((version - 213) / 2);
  const minor = Math.floor(patches / 10);
  return `${4 + Math.floor(minor / 10)}.${minor % 10}.${patches % 10}`;
}
