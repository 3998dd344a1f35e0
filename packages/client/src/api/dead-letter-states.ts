/** What became of dead letters, at the broker that has them. Skylark's own requests. */
import {
  type ChangedDeadLetter,
  type DeadLetterChanges,
  type DeadLetterPlace,
  decodeDeadLetterStates,
  encodeDeadLetterChanges,
  encodeDeadLetterQuery,
  type Outgoing,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import type { Requester } from '../instance/requester.ts';
import { expectSuccess } from './expect-success.ts';

/** The states in the order of the places; undefined where the broker keeps none (Apache's). */
export function deadLetterStates(
  requester: Requester,
  address: string,
  group: string,
  letters: readonly DeadLetterPlace[],
): Promise<readonly ChangedDeadLetter[] | undefined> {
  const body = encodeDeadLetterQuery({ group, letters });
  const request = { code: RequestCode.QueryDeadLetterStates, body };
  return ask(requester, address, request, `The query of dead letters of ${group}`);
}

/** What the states are after the changes; undefined where the broker keeps none (Apache's). */
export function changeDeadLetters(
  requester: Requester,
  address: string,
  changes: DeadLetterChanges,
): Promise<readonly ChangedDeadLetter[] | undefined> {
  const body = encodeDeadLetterChanges(changes);
  const request = { code: RequestCode.ChangeDeadLetterStates, body };
  return ask(requester, address, request, `The change of dead letters of ${changes.group}`);
}

async function ask(
  requester: Requester,
  address: string,
  request: Outgoing,
  what: string,
): Promise<readonly ChangedDeadLetter[] | undefined> {
  const answer = await requester.request(address, request);
  if (answer.code === ResponseCode.RequestCodeNotSupported) return undefined;
  return decodeDeadLetterStates(expectSuccess(answer, what).body);
}
