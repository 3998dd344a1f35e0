/**
 * What the SDK must do against any server that speaks the protocol. Each scenario makes its own
 * topics and groups, so that all of them can run side by side, and against a used server.
 */
import {
  Admin,
  type CreateTopicOptions,
  type OutgoingMessage,
  Producer,
  type ProducerOptions,
} from '@skylarkmq/client';

/** Where the scenarios run: options of all clients. */
export interface Target {
  /** Address of a name server, `host:port`. */
  readonly namesrv: string;
  readonly connectTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly sendTimeoutMs?: number;
}

/** One thing that must work. */
export interface Scenario {
  readonly name: string;
  run(target: Target): Promise<void>;
}

/** On a busy machine an answer may take long. */
const ANSWER_MS = 60_000;
/** Only guards against waiting for ever. */
const PATIENCE_MS = 120_000;

let names = 0;

/** A name that no other scenario and no earlier run uses. */
export function unique(prefix: string): string {
  names++;
  return `${prefix}-${process.pid}-${Date.now().toString(36)}-${names}`;
}

/** The servers of a name server, for clients that wait as long as a busy machine takes. */
export function patient(namesrv: string): Target {
  const timeoutMs = ANSWER_MS;
  return {
    namesrv,
    connectTimeoutMs: timeoutMs,
    requestTimeoutMs: timeoutMs,
    sendTimeoutMs: timeoutMs,
  };
}

/** Waits until a broker has told the name server of itself: it listens a little before that. */
export async function brokerIsKnown(target: Target): Promise<void> {
  await using admin = new Admin({ ...patient(target.namesrv), ...target });
  await until('a broker', async () => (await admin.brokers()).length > 0);
}

/** Makes a topic and waits until the name server has its route. */
export async function makeTopic(
  target: Target,
  prefix: string,
  queues = 4,
  more: Pick<CreateTopicOptions, 'messageType'> = {},
): Promise<string> {
  const topic = unique(prefix);
  await using admin = new Admin({ ...patient(target.namesrv), ...target });
  await admin.createTopic({ topic, queues, ...more });
  await until(`a route of ${topic}`, async () => {
    try {
      return (await admin.queues(topic)).length >= queues;
    } catch {
      return false;
    }
  });
  return topic;
}

/** Sends messages one after the other. */
export async function sendAll(
  target: Target,
  messages: Iterable<OutgoingMessage>,
  options: Omit<ProducerOptions, 'namesrv'> = {},
): Promise<void> {
  await using producer = new Producer({ ...target, sendTimeoutMs: ANSWER_MS, ...options });
  for (const message of messages) await producer.send(message);
}

/** Waits until a condition holds; fails, naming it, when the time is over. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = PATIENCE_MS,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
    await pause(20);
  }
}

/** Lets time pass: for things that must not happen, and for pacing. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}

/** 0 to `count` - 1. */
export function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
