/** Faults that a test switches on: what happens to requests between clients and the broker. */
import { MqError, MqErrorCode, type Prng, type Scheduler, type Timer } from '@skylarkmq/base';
import type { Connection, Handler, Intercept } from '@skylarkmq/remoting';
import type { Command } from '@skylarkmq/wire';
import { ActiveFault, type Fault, type FaultKind } from './fault.ts';
import { type FaultMatch, matcherOf } from './fault-match.ts';
import { MutedConnection } from './muted-connection.ts';

type Answer = ReturnType<Handler>;

interface Layer {
  readonly fault: ActiveFault;
  readonly matches: (command: Command) => boolean;
  readonly probability: number;
  readonly apply: Intercept;
}

/** A crash that is to come. */
export interface CrashFault extends Fault {
  /**
   * Resolves when the broker is back after its first crash; rejects when it cannot start, or when
   * the fault is removed before.
   */
  readonly restarted: Promise<void>;
}

export interface FaultsDeps {
  /** The broker's time: delays pass as it does. */
  readonly scheduler: Pick<Scheduler, 'after'>;
  readonly prng: Prng;
  /** Kills the broker at once and starts it again on the same disk. */
  crash(): Promise<void>;
}

const DELAY_MS_MAX = 86_400_000;
const FAULTS_MAX = 1_000;
/** What a broker answers with is a Java int. */
const CODE_MAX = 2_147_483_647;

/**
 * The switches of a running Skylark. Each call switches one fault on and returns its handle;
 * several at once apply in the order in which they were made.
 */
export class Faults {
  readonly #deps: FaultsDeps;
  readonly #layers = new Set<Layer>();
  readonly #connections = new Set<Connection>();
  readonly #delayed = new Map<Timer, () => void>();
  #requests = 0;

  constructor(deps: FaultsDeps) {
    this.#deps = deps;
  }

  /** Requests that the broker got so far. */
  get requests(): number {
    return this.#requests;
  }

  /** Requests are lost on their way: the broker does not see them, and nobody answers. */
  drop(match: FaultMatch = {}): Fault {
    return this.#add('drop', match, (command, connection) => {
      connection.finish(command);
      return null;
    });
  }

  /** Requests arrive `ms` later, by the broker's time: with `virtualTime`, advance it. */
  delay(ms: number, match: FaultMatch = {}): Fault {
    if (!Number.isInteger(ms) || ms < 0 || ms > DELAY_MS_MAX) {
      throw invalid(`A delay of ${ms} ms: give a whole number from 0 to ${DELAY_MS_MAX}`);
    }
    return this.#add('delay', match, async (command, connection, next) => {
      await this.#pause(ms);
      return next(command, connection);
    });
  }

  /**
   * Sends arrive twice, as after an answer that was lost: the broker stores the message twice, with
   * one `messageId`, and consumers get both. Other requests are left alone.
   */
  duplicate(match: Omit<FaultMatch, 'request' | 'code'> = {}): Fault {
    const sends: FaultMatch = { ...match, request: 'send' };
    return this.#add('duplicate', sends, (command, connection, next) => {
      const first = next(command, new MutedConnection(connection));
      if (!(first instanceof Promise)) return next(command, connection);
      return Promise.allSettled([first]).then(() => next(command, connection));
    });
  }

  /** Requests are answered with a response code of RocketMQ's and are not done. */
  refuse(code: number, match: FaultMatch & { readonly remark?: string } = {}): Fault {
    if (!Number.isInteger(code) || code < 1 || code > CODE_MAX) {
      throw invalid(`Response code ${code}: give a whole number above 0, for example 2 (busy)`);
    }
    const remark = match.remark ?? `Refused by a fault of the test (code ${code})`;
    return this.#add('refuse', match, () => ({ code, remark }));
  }

  /**
   * The broker stores a message, and crashes before it can answer; then it starts again on the same
   * disk. By default once.
   */
  crashAfterAppend(match: Omit<FaultMatch, 'request' | 'code'> = {}): CrashFault {
    let resolve: () => void = () => {};
    let reject: (error: unknown) => void = () => {};
    const restarted = new Promise<void>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    // Who does not ask about the restart is told by the requests that fail.
    restarted.then(undefined, () => {});
    const sends: FaultMatch = { times: 1, ...match, request: 'send' };
    const crash = (): void => {
      this.#deps.crash().then(resolve, reject);
    };
    // A refusal is an answer of the handler and is passed on: nothing was stored.
    const fault = this.#add('crash', sends, (command, connection, next) =>
      next(command, new MutedConnection(connection, crash)),
    );
    const removed = (error: unknown): void => {
      if (fault.hits === 0) reject(error);
    };
    fault.happened().then(undefined, removed);
    return Object.assign(fault, { restarted });
  }

  /** Nobody reaches the broker until it is removed: connections are cut, and new ones too. */
  partition(): Fault {
    const reason = 'cut by a partition of the test';
    const fault = this.#add('partition', {}, (command, connection) => {
      connection.finish(command);
      connection.close(reason);
      return null;
    });
    for (const connection of [...this.#connections]) connection.close(reason);
    return fault;
  }

  /** Switches everything off; requests that are delayed arrive now. */
  clear(): void {
    for (const { fault } of [...this.#layers]) fault.remove();
    for (const [timer, arrive] of [...this.#delayed]) {
      timer.cancel();
      arrive();
    }
    this.#delayed.clear();
  }

  /** What the broker's requests go through. */
  readonly intercept: Intercept = (command, connection, next) => {
    this.#requests++;
    this.#note(connection);
    if (this.#layers.size === 0) return next(command, connection);
    return this.#serve([...this.#layers], 0, command, connection, next);
  };

  #serve(
    layers: readonly Layer[],
    from: number,
    command: Command,
    connection: Connection,
    next: Handler,
  ): Answer {
    for (let index = from; index < layers.length; index++) {
      const layer = layers[index];
      if (layer === undefined || !this.#happens(layer, command)) continue;
      return layer.apply(command, connection, (again, through) =>
        this.#serve(layers, index + 1, again, through, next),
      );
    }
    return next(command, connection);
  }

  #happens({ fault, matches, probability }: Layer, command: Command): boolean {
    if (!fault.active || !matches(command)) return false;
    fault.seen++;
    if (probability < 1 && this.#deps.prng.float() >= probability) return false;
    fault.hit();
    return true;
  }

  #add(kind: FaultKind, match: FaultMatch, apply: Intercept): ActiveFault {
    if (this.#layers.size >= FAULTS_MAX) {
      throw invalid(`${FAULTS_MAX} faults are on: remove some, or use faults.clear()`);
    }
    const matches = matcherOf(match);
    const fault = new ActiveFault(kind, match.times ?? Number.POSITIVE_INFINITY, () => {
      this.#layers.delete(layer);
    });
    const layer = { fault, matches, probability: match.probability ?? 1, apply };
    this.#layers.add(layer);
    return fault;
  }

  #note(connection: Connection): void {
    if (this.#connections.has(connection)) return;
    this.#connections.add(connection);
    connection.onClose(() => this.#connections.delete(connection));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#deps.scheduler.after(ms, () => {
        this.#delayed.delete(timer);
        resolve();
      });
      this.#delayed.set(timer, resolve);
    });
  }
}

function invalid(message: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, message);
}
