/** The broker as a process that can be stopped, killed and started again on the same disk. */
import { type FileSystem, MqError, MqErrorCode, type VirtualTime } from '@skylarkmq/base';
import { Broker, type BrokerOptions, type BrokerView } from '@skylarkmq/broker';
import { DroppableFileSystem } from './droppable-file-system.ts';

export interface BrokerProcessDeps {
  /** Its `fileSystem` is the disk, its `port` may be 0 for the first start. */
  readonly options: BrokerOptions;
  /** Undefined: real time. */
  readonly time: VirtualTime | undefined;
}

/** Hears of every message that becomes visible. */
export type ArrivalListener = () => void;

/** Steps in which virtual time passes while the broker ends: it may wait for something. */
const CLOSE_STEP_MS = 100;

export class BrokerProcess {
  readonly #deps: BrokerProcessDeps;
  readonly #listeners = new Set<ArrivalListener>();
  #disk: DroppableFileSystem;
  #broker: Broker;
  /** The last start or end: they follow each other. */
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(deps: BrokerProcessDeps, disk: DroppableFileSystem, broker: Broker) {
    this.#deps = deps;
    this.#disk = disk;
    this.#broker = broker;
    this.#watch();
  }

  static async start(deps: BrokerProcessDeps): Promise<BrokerProcess> {
    const disk = new DroppableFileSystem(deps.options.fileSystem);
    const broker = await Broker.start({ ...deps.options, fileSystem: disk });
    return new BrokerProcess(deps, disk, broker);
  }

  /** The one that runs, or ran last. */
  get broker(): Broker {
    return this.#broker;
  }

  /** What the broker keeps, once no restart is under way. */
  async ready(): Promise<BrokerView> {
    await this.#last;
    return this.#broker.view;
  }

  /** Calls the listener after every message that becomes visible, also after restarts. */
  onArrival(listener: ArrivalListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends it, with `kill` as a killed process does: at once. Then starts it on the same port. */
  restart(kill: boolean): Promise<void> {
    if (this.#isClosed) {
      return Promise.reject(new MqError(MqErrorCode.Closed, 'This Skylark is closed'));
    }
    // What comes after this instant must not reach the disk, even while others wait their turn.
    const dying = this.#broker;
    if (kill) this.#disk.drop();
    const ended = kill ? dying.kill() : undefined;
    return this.#inTurn(async () => {
      await this.#passing(ended ?? dying.close());
      if (this.#isClosed || this.#broker !== dying) return;
      await this.#startAgain(this.#deps.options.fileSystem);
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#inTurn(() => this.#passing(this.#broker.close()));
  }

  async #startAgain(fileSystem: FileSystem): Promise<void> {
    const { port } = this.#broker;
    this.#disk = new DroppableFileSystem(fileSystem);
    this.#broker = await Broker.start({ ...this.#deps.options, fileSystem: this.#disk, port });
    this.#watch();
    // What waits for messages looks again.
    for (const listener of [...this.#listeners]) listener();
  }

  #watch(): void {
    this.#broker.view.store.onArrival(() => {
      for (const listener of this.#listeners) listener();
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.then(undefined, () => {});
    return turn;
  }

  /** Time that stands still would make every pause of the work an endless one. */
  async #passing(work: Promise<void>): Promise<void> {
    const { time } = this.#deps;
    if (time === undefined) return work;
    let done = false;
    const marked = work.finally(() => {
      done = true;
    });
    const passing = (async () => {
      while (!done) await time.advance(CLOSE_STEP_MS);
    })();
    await Promise.all([marked, passing]);
  }
}
