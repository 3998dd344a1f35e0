import { stringifyJson } from '@skylarkmq/base';
import type { DirectResult } from '../consumer/consumer-member.ts';

/** The body that answers `CONSUME_MESSAGE_DIRECTLY`. */
export function encodeDirectResult(result: DirectResult): Buffer {
  const text = stringifyJson({
    autoCommit: true,
    consumeResult: result.result,
    order: result.ordered,
    remark: result.remark,
    spentTimeMills: result.spentMs,
  });
  return Buffer.from(text, 'utf8');
}
