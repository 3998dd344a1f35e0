/** What became of dead letters: asked and changed. Codes of our own. */
import type { Clock } from '@skylarkmq/base';
import type { RemotingServer } from '@skylarkmq/remoting';
import type { MessageStore } from '@skylarkmq/store';
import {
  decodeDeadLetterChanges,
  decodeDeadLetterQuery,
  encodeDeadLetterStates,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import { LetterStates } from '../dead-letter/letter-states.ts';
import type { TopicCreator } from '../topic/topic-creator.ts';

export interface DeadLetterDeps {
  readonly store: Pick<MessageStore, 'maxOffset' | 'put' | 'queryMessages' | 'statusReason'>;
  readonly topicCreator: Pick<TopicCreator, 'forDeadLetterStates'>;
  readonly clock: Clock;
  readonly isIndexed: boolean;
}

export function registerDeadLetterHandlers(server: RemotingServer, deps: DeadLetterDeps): void {
  const states = new LetterStates(deps);
  server.register(RequestCode.QueryDeadLetterStates, async (command) => {
    const { group, letters } = decodeDeadLetterQuery(command.body);
    const body = encodeDeadLetterStates(await states.states(group, letters));
    return { code: ResponseCode.Success, body };
  });
  server.register(RequestCode.ChangeDeadLetterStates, async (command) => {
    const changed = await states.change(decodeDeadLetterChanges(command.body));
    return { code: ResponseCode.Success, body: encodeDeadLetterStates(changed) };
  });
}
