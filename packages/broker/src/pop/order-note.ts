/** Records of our own in the revive topic: what happens in ordered POP. */
import { jsonArrayOr, jsonNumber, jsonObject, jsonString, parseFastjson } from '@skylarkmq/base';

/** Tags that Apache passes over. RocketMQ: PopReviveService#consumeReviveMessage */
export const OrderTag = { Pop: 'oPop', Ack: 'oAck', Show: 'oShow' } as const;

interface Place {
  readonly group: string;
  readonly topic: string;
  readonly queueId: number;
  readonly popTime: number;
}

/** Messages were handed out. */
interface OrderPopNote extends Place {
  readonly tag: typeof OrderTag.Pop;
  readonly invisibleTime: number;
  readonly attemptId: string;
  readonly offsets: readonly number[];
}

/** A message was acknowledged. */
interface OrderAckNote extends Place {
  readonly tag: typeof OrderTag.Ack;
  readonly offset: number;
}

/** A message is visible again at another time. */
interface OrderShowNote extends Place {
  readonly tag: typeof OrderTag.Show;
  readonly offset: number;
  readonly visibleMs: number;
}

export type OrderNote = OrderPopNote | OrderAckNote | OrderShowNote;

export function orderNoteText(note: OrderNote): string {
  const { group, topic, queueId, popTime } = note;
  const place = { c: group, t: topic, q: queueId, pt: popTime };
  if (note.tag === OrderTag.Pop) {
    const { invisibleTime, attemptId, offsets } = note;
    return JSON.stringify({ ...place, it: invisibleTime, a: attemptId, o: offsets });
  }
  if (note.tag === OrderTag.Ack) return JSON.stringify({ ...place, ao: note.offset });
  return JSON.stringify({ ...place, ao: note.offset, vt: note.visibleMs });
}

export function orderNoteKey(note: OrderNote): string {
  const { topic, queueId, group, popTime, tag } = note;
  const offset = note.tag === OrderTag.Pop ? (note.offsets[0] ?? 0) : note.offset;
  return `${topic}@${queueId}@${offset}@${group}@${popTime}@${tag}`;
}

/** Undefined for a tag that is none of these. CORRUPT when the text is no such record. */
export function parseOrderNote(tag: string, text: string): OrderNote | undefined {
  if (tag !== OrderTag.Pop && tag !== OrderTag.Ack && tag !== OrderTag.Show) return undefined;
  const object = jsonObject(parseFastjson(text), 'order note');
  const number = (name: string): number => jsonNumber(object.get(name), name);
  const place = {
    group: jsonString(object.get('c'), 'c'),
    topic: jsonString(object.get('t'), 't'),
    queueId: number('q'),
    popTime: number('pt'),
  };
  if (tag === OrderTag.Ack) return { tag, ...place, offset: number('ao') };
  if (tag === OrderTag.Show) {
    return { tag, ...place, offset: number('ao'), visibleMs: number('vt') };
  }
  return {
    ...{ tag, ...place, invisibleTime: number('it') },
    attemptId: jsonString(object.get('a'), 'a'),
    offsets: jsonArrayOr(object.get('o'), 'o').map((one) => jsonNumber(one, 'o')),
  };
}
