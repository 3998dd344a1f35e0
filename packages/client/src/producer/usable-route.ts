/** Whether a route can be sent to, and what to say when none can. */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { TopicRoute } from '../route/topic-route.ts';

export function usable(route: TopicRoute | undefined): route is TopicRoute {
  return route !== undefined && route.writable.length > 0;
}

export function noRoute(topic: string, route: TopicRoute | undefined): MqError {
  const text =
    route === undefined
      ? `No route info of this topic: ${topic}. No name server knows it, and no broker creates ` +
        'topics by itself: create it with Admin.createTopic'
      : `No route info of this topic: ${topic}. No broker that is up has a queue of it that ` +
        'can be written: start its master, or give the topic write permission';
  return new MqError(MqErrorCode.NoRoute, text, { retryable: true });
}
