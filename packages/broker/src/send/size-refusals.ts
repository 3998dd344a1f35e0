/** Refusals of what is too long, or no batch. */
import type { SendMessageScan } from '@skylarkmq/wire';
import { illegal, type Refusal } from './put-answer.ts';
import type { SendTarget } from './send-target.ts';

export function tooLong(scan: SendMessageScan, bodyBytesMax: number): Refusal {
  const bytes = scan.propertiesEnd - scan.propertiesStart;
  return illegal(`the properties have ${bytes} bytes`, bodyBytesMax);
}

export function noBatch(target: SendTarget, bodyBytesMax: number): Refusal {
  const { topicName } = target.config;
  if (!target.isRetry)
    return illegal(`the topic ${topicName} is too long for a batch`, bodyBytesMax);
  return illegal(`batch request does not support retry group ${topicName}`, bodyBytesMax);
}
