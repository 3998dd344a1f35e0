/** A broker in a worker thread, seen from the main thread. */
import { Worker } from 'node:worker_threads';
import { type Deferred, deferred, type Logger, MqError, MqErrorCode } from '@skylarkmq/base';
import type { ServerTlsOptions } from '@skylarkmq/remoting';
import type { FromShard, ShardData, ToShard } from './shard-messages.ts';
import type { BrokerFacts, RunningBroker } from './start-broker.ts';

export interface ShardDeps {
  readonly logger: Logger;
  readonly tls: ServerTlsOptions | undefined;
  /** Called when a running shard ends on its own: the process cannot go on without it. */
  readonly died: (error: MqError) => void;
}

/** Starts the thread; resolves when its broker is registered and serves. */
export async function startShard(data: ShardData, deps: ShardDeps): Promise<RunningBroker> {
  const shard = new Shard(data, deps);
  const facts = await shard.started;
  return { facts, close: () => shard.close() };
}

class Shard {
  readonly #name: string;
  readonly #deps: ShardDeps;
  readonly #worker: Worker;
  readonly #started: Deferred<BrokerFacts> = deferred();
  readonly #closed: Deferred<void> = deferred();
  #phase: 'starting' | 'running' | 'closing' = 'starting';

  constructor(data: ShardData, deps: ShardDeps) {
    this.#name = data.plan.brokerName;
    this.#deps = deps;
    this.#worker = new Worker(workerUrl(), { workerData: data, name: data.plan.brokerName });
    this.#worker.on('message', (message: FromShard) => this.#received(message));
    this.#worker.on('error', (error) => this.#ended(MqError.from(error)));
    this.#worker.on('exit', (code) => this.#ended(this.#failure(`its thread ended (${code})`)));
  }

  get started(): Promise<BrokerFacts> {
    return this.#started.promise;
  }

  async close(): Promise<void> {
    this.#phase = 'closing';
    this.#tell({ kind: 'close' });
    await this.#closed.promise;
  }

  #tell(message: ToShard): void {
    this.#worker.postMessage(message);
  }

  #received(message: FromShard): void {
    if (message.kind === 'ready') {
      this.#phase = 'running';
      this.#started.resolve(message.facts);
    } else if (message.kind === 'failed') {
      this.#ended(new MqError(message.code, message.message));
    } else if (message.kind === 'closed') {
      this.#closed.resolve();
    } else {
      this.#sendCredentials();
    }
  }

  /** One certificate for all shards: the main thread makes or reads it. */
  #sendCredentials(): void {
    const load = async (): Promise<ToShard> => {
      const credentials = await this.#deps.tls?.credentials();
      if (credentials === undefined) throw this.#failure('TLS is disabled');
      return { kind: 'credentials', credentials };
    };
    load().then(
      (message) => this.#tell(message),
      (error) => this.#tell({ kind: 'noCredentials', message: MqError.from(error).message }),
    );
  }

  #ended(error: MqError): void {
    const phase = this.#phase;
    this.#phase = 'closing';
    if (phase === 'starting') {
      this.#started.reject(error);
      this.#closed.resolve();
    } else if (phase === 'running') this.#deps.died(error);
    // After "closed" this changes nothing; without it, it is why closing failed.
    else this.#closed.reject(error);
  }

  #failure(reason: string): MqError {
    return new MqError(MqErrorCode.Internal, `The shard ${this.#name} failed: ${reason}`);
  }
}

/** Beside this file, compiled or not. */
function workerUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./shard-worker.${extension}`, import.meta.url);
}
