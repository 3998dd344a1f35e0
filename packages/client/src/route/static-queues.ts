/**
 * The queues of a static topic: numbered across brokers, each at the broker that takes its messages
 * now. A queue that moves is another one for clients; its offsets go on.
 */
import { type JsonObject, jsonNumberOr, jsonObjectOr } from '@skylarkmq/base';

/** Logical queue to its broker. Where two brokers claim one, the newer mapping is right. */
// RocketMQ: MQClientInstance#topicRouteData2EndpointsForStaticTopic
export function staticQueues(mappings: ReadonlyMap<string, JsonObject>): Map<number, string> {
  const byEpoch = [...mappings].sort(([, one], [, other]) => epochOf(one) - epochOf(other));
  const owners = new Map<number, string>();
  for (const [brokerName, mapping] of byEpoch) {
    for (const id of jsonObjectOr(mapping.get('currIdMap'), 'currIdMap').keys()) {
      owners.set(Number(id), brokerName);
    }
  }
  return owners;
}

function epochOf(mapping: JsonObject): number {
  return jsonNumberOr(mapping.get('epoch'), 'epoch', 0);
}
