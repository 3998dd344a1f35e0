/**
 * The kinds of messages and of consumption, and which scenarios of which client use each. Every
 * scenario belongs to one kind; `page.test.ts` sees to that.
 */

/** Clients that run scenarios; both Java versions run the same list, as far as they can. */
export type Client = 'java' | 'go' | 'sdk';

export interface Kind {
  readonly title: string;
  /** Names of scenarios by client. */
  readonly scenarios: Readonly<Partial<Record<Client, readonly string[]>>>;
}

export const KINDS: readonly Kind[] = [
  {
    title: 'sending: waiting, asynchronous, one-way; refusals',
    scenarios: {
      java: ['sync', 'async', 'oneway', 'vip-channel', 'create-topic', 'refusals'],
      go: ['sync', 'async', 'oneway', 'create-topic'],
      sdk: [
        'sends a message with tags, keys, properties and flag',
        'sends 2,000 messages at a time, over all queues',
        'sends one-way',
        'refuses what cannot be sent',
        'goes on when one of two name servers is dead',
        'sends to another broker when one refuses',
        'sends to another broker when a connection breaks',
        'keeps away from a bad broker with latency fault tolerance',
        'does not try another queue than the one asked for',
        'says what is wrong and what to do',
        'finishes sends that are under way when closed',
      ],
    },
  },
  {
    title: 'batches; big and compressed bodies',
    scenarios: {
      java: ['batch', 'big-bodies', 'compressed-bodies'],
      go: ['batch', 'big-bodies', 'compressed-bodies'],
      sdk: [
        'sends batches, split by size',
        'gathers overlapping sends into batches, with a receipt for each',
        'sends and receives 4 MiB, and compressed bodies',
      ],
    },
  },
  {
    title: 'ordered messages',
    scenarios: {
      java: ['ordered-send', 'push-orderly', 'orderly-dead-letter'],
      go: ['ordered-send', 'manual-queue', 'push-orderly'],
      sdk: [
        'keeps the order of each key, and a failed message blocks its queue',
        'sends to queues chosen by hash, by hand and by function',
        'keeps the order while members come and go',
      ],
    },
  },
  {
    title: 'push consumers: sharing, broadcasting, tags, going on',
    scenarios: {
      java: [
        'push-clustering',
        'push-broadcasting',
        'push-tags',
        'push-resume',
        'push-young-topic',
      ],
      go: ['push-clustering', 'push-broadcasting', 'push-tags', 'push-resume'],
      sdk: [
        'loses nothing while three members join and leave',
        'goes on where it was after a close',
        'gives every broadcasting member everything, and keeps its place',
        'filters by tags, also by those with equal hash codes',
        'gives a new group all of a young topic',
        'iterates with ack and retry',
        'finishes handlers that are under way when closed',
        'ends waits when a signal fires',
        'gives a message back when its loop breaks',
        'shares queues by every allocation strategy',
        'tells which queues a push consumer has',
        'caches no more of a topic than it may',
      ],
    },
  },
  {
    title: 'pull consumers: assigned, subscribed, offsets by time',
    scenarios: {
      java: ['lite-pull-assign', 'lite-pull-subscribe', 'offsets-by-time'],
      go: ['pull-poll', 'pull-from'],
      sdk: [
        'assigns, polls and seeks',
        'commits and goes on from there',
        'finds offsets by time',
        'shares topics by subscription, with tags and auto commit',
        'pauses queues, resumes them, and iterates',
      ],
    },
  },
  {
    title: 'retry and dead letters',
    scenarios: {
      java: ['retry-dead-letter'],
      go: ['retry-dead-letter'],
      sdk: [
        'retries and then puts into the dead letters',
        'rejects into the dead letters at once',
        'delivers again what a handler failed on',
        'reads dead letters and selects among them',
        'sends dead letters again, edited',
        'sends a dead letter again to its group alone',
        'discards dead letters and takes that back',
        'finds no dead letters where there are none',
      ],
    },
  },
  {
    title: 'delay levels',
    scenarios: {
      java: ['delay-levels'],
      go: ['delay-levels'],
      sdk: ['delivers delayed messages in their time'],
    },
  },
  {
    title: 'messages for any time, their recall, and schedules',
    scenarios: {
      java: ['timers', 'timer-limits', 'timer-recall'],
      go: ['timers'],
      sdk: [
        'messages come at their time, not before',
        'a message that was recalled does not come',
        'times that cannot be are refused',
        'processes of one schedule make one series',
      ],
    },
  },
  {
    title: 'transactions',
    scenarios: {
      java: [
        'transaction-outcome',
        'transaction-check',
        'transaction-undecided',
        'transaction-another',
      ],
      go: ['transaction-outcome', 'transaction-check'],
      sdk: [
        'a transaction is committed or rolled back, once',
        'a broker that knows no outcome asks, until there is one',
        'another of the group answers for one that is gone',
        'transactions that cannot be are refused; close waits',
      ],
    },
  },
  {
    title: 'filters by SQL92',
    scenarios: {
      java: ['sql-push', 'sql-retry', 'sql-lite-pull', 'sql-refused'],
      go: ['sql-push'],
      sdk: ['push by SQL92', 'pull by SQL92', 'a wrong SQL92 expression is refused at the start'],
    },
  },
  {
    title: 'POP',
    scenarios: {
      java: [
        'pop-push',
        'pop-ack',
        'pop-change-invisible',
        'pop-batch-ack',
        'pop-long-poll',
        'pop-order',
        'pop-tags',
        'pop-assignment',
      ],
      sdk: [
        'simple: what is acknowledged is done',
        'simple: what is not acknowledged comes again',
        'simple: receiving waits, and a wait can be ended',
        'simple: tags filter',
        'simple: more members than queues',
        'simple: in order',
        'pop: messages are consumed once',
        'pop: what fails comes again, and is a dead letter in the end',
        'pop: one queue serves several members',
        'pop: a message stays with a handler that takes long',
        'pop: what was not looked at is given back at the end',
      ],
    },
  },
  {
    title: 'requests and replies',
    scenarios: {
      java: ['request-reply', 'request-big', 'request-timeout', 'reply-to-nobody'],
      go: ['request-reply'],
      sdk: [
        'a request gets the reply of its consumer',
        'a request without a reply ends in time',
        'a reply that nobody waits for says so',
      ],
    },
  },
  {
    title: 'lite topics and priorities (5.5)',
    scenarios: {
      java: ['lite-topics', 'priority-queues'],
      sdk: [
        'lite: topics are subscribed to and left as it runs',
        'lite: a subscription begins where it is told to',
        'lite: what fails blocks its lite topic alone',
        'lite: an exclusive lite topic goes to the last subscriber',
        'lite: the rest is given back at the end',
        'lite: what is not made for it is refused',
      ],
    },
  },
  {
    title: 'traces, namespaces, queries',
    scenarios: {
      java: ['trace', 'namespace-prefix', 'namespace-fields', 'query-by-key-and-id'],
      sdk: [
        'finds messages by key and by both ids',
        'trace: transactions, also those that a broker asks about',
        'trace: recalls',
        'trace: a simple consumer',
        'trace: a loop',
        'trace: a loop that pops',
      ],
    },
  },
];
