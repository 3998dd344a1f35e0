import { type JsonInputObject, type JsonValue, jsonNumberOr, jsonObjectOr } from '@skylarkmq/base';

/** Says whether a table changed: compared as a whole. */
export interface DataVersion {
  readonly counter: number;
  /** The master's epoch in controller mode, else 0. */
  readonly stateVersion: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

export const NO_VERSION: DataVersion = { counter: 0, stateVersion: 0, timestamp: 0 };

export function decodeDataVersion(value: JsonValue | undefined): DataVersion {
  const object = jsonObjectOr(value, 'dataVersion');
  return {
    counter: jsonNumberOr(object.get('counter'), 'counter', 0),
    stateVersion: jsonNumberOr(object.get('stateVersion'), 'stateVersion', 0),
    timestamp: jsonNumberOr(object.get('timestamp'), 'timestamp', 0),
  };
}

export function dataVersionJson(version: DataVersion): JsonInputObject {
  const { counter, stateVersion, timestamp } = version;
  return { counter, stateVersion, timestamp };
}

export function sameVersion(left: DataVersion, right: DataVersion): boolean {
  return (
    left.counter === right.counter &&
    left.stateVersion === right.stateVersion &&
    left.timestamp === right.timestamp
  );
}

/** The version after a change. */
export function nextVersion(version: DataVersion, nowMs: number): DataVersion {
  return { ...version, counter: version.counter + 1, timestamp: nowMs };
}
