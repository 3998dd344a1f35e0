/** Answers a consumer with popped messages, which go out from where the store has them. */
import type { Connection } from '@skylarkmq/remoting';
import { type Command, FLAG_RESPONSE, HeadWriter, type Outgoing } from '@skylarkmq/wire';
import type { Popped } from './pop-request.ts';

const headWriter = new HeadWriter();

/** The answer's body is what was popped; its memory is given back when the socket has it. */
export function answerPopped(
  connection: Connection,
  command: Command,
  answer: Outgoing,
  popped: Popped,
): void {
  const { records } = popped;
  if (command.isOneway || connection.closed) {
    popped.release();
    return;
  }
  const { serialization, opaque } = command;
  const bytes = records.reduce((sum, record) => sum + record.length, 0);
  const bytesMax = headWriter.prepare(answer, serialization, opaque, FLAG_RESPONSE);
  const target = connection.reserve(bytesMax);
  connection.advance(headWriter.write(target, connection.outputStart, bytes));
  let left = records.length;
  const taken = (): void => {
    left--;
    if (left === 0) popped.release();
  };
  for (const record of records) connection.write(record, taken);
}
