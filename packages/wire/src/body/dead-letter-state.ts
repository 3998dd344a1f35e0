/** Bodies of the requests about what became of dead letters (docs/formats/dead-letters.md). */
import {
  type JsonInputObject,
  type JsonValue,
  jsonArrayOr,
  jsonBooleanOr,
  jsonNumber,
  jsonNumberOr,
  jsonObject,
  jsonString,
  jsonStringOr,
  MqError,
  MqErrorCode,
} from '@skylarkmq/base';
import { parseBody, standardBody } from './json-body.ts';

/** Dead letters in one request at most. */
export const DEAD_LETTERS_PER_REQUEST_MAX = 1000;

/** `claimed`: somebody is about to send it again. */
export type DeadLetterStatus = 'open' | 'claimed' | 'resent' | 'discarded';

const STATUSES: readonly DeadLetterStatus[] = ['open', 'claimed', 'resent', 'discarded'];

/** Where a dead letter lies in the dead letter topic of its group. */
export interface DeadLetterPlace {
  readonly queueId: number;
  readonly offset: number;
}

/** What became of a dead letter; `by`, `atMs` and `messageId` once something did. */
export interface DeadLetterState extends DeadLetterPlace {
  readonly status: DeadLetterStatus;
  readonly by: string;
  readonly atMs: number;
  /** The id of the message that it was sent again as; empty otherwise. */
  readonly messageId: string;
}

/** A wish to change one. It is done only when the letter is now one of `from`. */
export interface DeadLetterChange extends DeadLetterPlace {
  readonly from: readonly DeadLetterStatus[];
  readonly to: DeadLetterStatus;
  readonly messageId: string;
}

/** The state afterwards, and whether the wish was done. */
export interface ChangedDeadLetter extends DeadLetterState {
  readonly changed: boolean;
}

export interface DeadLetterQuery {
  readonly group: string;
  readonly letters: readonly DeadLetterPlace[];
}

export interface DeadLetterChanges {
  readonly group: string;
  /** Who wants it, as others are to read it. */
  readonly by: string;
  /** Tells one claimant from another. */
  readonly claim: string;
  readonly changes: readonly DeadLetterChange[];
}

export function encodeDeadLetterQuery({ group, letters }: DeadLetterQuery): Buffer {
  return standardBody({
    group,
    letters: letters.map(({ queueId, offset }) => ({ queueId, offset })),
  });
}

export function decodeDeadLetterQuery(body: Buffer | null): DeadLetterQuery {
  const object = jsonObject(parseBody(body), 'query of dead letters');
  const group = jsonString(object.get('group'), 'group');
  return { group, letters: listOf(object.get('letters'), 'letters').map(decodePlace) };
}

export function encodeDeadLetterChanges(wish: DeadLetterChanges): Buffer {
  const { group, by, claim } = wish;
  const changes = wish.changes.map(({ queueId, offset, from, to, messageId }) => ({
    ...{ queueId, offset, from, to, messageId },
  }));
  return standardBody({ group, by, claim, changes });
}

export function decodeDeadLetterChanges(body: Buffer | null): DeadLetterChanges {
  const object = jsonObject(parseBody(body), 'change of dead letters');
  return {
    group: jsonString(object.get('group'), 'group'),
    by: jsonStringOr(object.get('by'), 'by', ''),
    claim: jsonStringOr(object.get('claim'), 'claim', ''),
    changes: listOf(object.get('changes'), 'changes').map((value) => {
      const change = jsonObject(value, 'change');
      return {
        ...decodePlace(value),
        from: jsonArrayOr(change.get('from'), 'from').map(decodeStatus),
        to: decodeStatus(change.get('to')),
        messageId: jsonStringOr(change.get('messageId'), 'messageId', ''),
      };
    }),
  };
}

/** Body of both answers. */
export function encodeDeadLetterStates(states: readonly DeadLetterState[]): Buffer {
  return standardBody({ states: states.map((state): JsonInputObject => ({ ...state })) });
}

export function decodeDeadLetterStates(body: Buffer | null): ChangedDeadLetter[] {
  const object = jsonObject(parseBody(body), 'states of dead letters');
  return jsonArrayOr(object.get('states'), 'states').map(decodeDeadLetterState);
}

/** One state, as it is also stored. */
export function decodeDeadLetterState(value: JsonValue): ChangedDeadLetter {
  const object = jsonObject(value, 'state of a dead letter');
  return {
    ...decodePlace(value),
    status: decodeStatus(object.get('status')),
    by: jsonStringOr(object.get('by'), 'by', ''),
    atMs: jsonNumberOr(object.get('atMs'), 'atMs', 0),
    messageId: jsonStringOr(object.get('messageId'), 'messageId', ''),
    changed: jsonBooleanOr(object.get('changed'), 'changed', false),
  };
}

function listOf(value: JsonValue | undefined, what: string): readonly JsonValue[] {
  const list = jsonArrayOr(value, what);
  if (list.length <= DEAD_LETTERS_PER_REQUEST_MAX) return list;
  const most = `at most ${DEAD_LETTERS_PER_REQUEST_MAX} dead letters fit into one request`;
  throw invalid(`${list.length} are too many: ${most}`);
}

function decodePlace(value: JsonValue): DeadLetterPlace {
  const object = jsonObject(value, 'dead letter');
  const queueId = jsonNumber(object.get('queueId'), 'queueId');
  const offset = jsonNumber(object.get('offset'), 'offset');
  const isPlace = [queueId, offset].every((one) => Number.isSafeInteger(one) && one >= 0);
  if (isPlace) return { queueId, offset };
  throw invalid(`a dead letter has a queueId and an offset from 0 on, not ${queueId}, ${offset}`);
}

function decodeStatus(value: JsonValue | undefined): DeadLetterStatus {
  const text = jsonString(value, 'state');
  const status = STATUSES.find((one) => one === text);
  if (status !== undefined) return status;
  throw invalid(
    `${JSON.stringify(text)} is no state of a dead letter, want ${STATUSES.join(', ')}`,
  );
}

function invalid(reason: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, reason);
}
