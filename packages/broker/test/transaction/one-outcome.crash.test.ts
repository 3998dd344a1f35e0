/**
 * Any course of transactions, cut by power cuts at any operation of the disk: what was acknowledged
 * holds, no half has two outcomes, and in the end every half that is there has the one that it
 * should have.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createPrng,
  type FileSystem,
  MemoryFileSystem,
  randomSeed,
  realScheduler,
  VirtualTime,
} from '@skylarkmq/base';
import { decodeRecord } from '@skylarkmq/message';
import { CrashDisk, RecordingFileSystem } from '@skylarkmq/testkit';
import { CheckTransactionState } from '@skylarkmq/wire';
import fc from 'fast-check';
import { COMMIT, type Half, ROLLBACK, TransactionLab } from './transaction-lab.ts';

const RUNS = process.env['SKYLARK_SOAK'] === '1' ? 300 : 12;
const CHOICES = 6;
/** Operations of the disk that a cut may take back. */
const CUT_BACK_MAX = 40;
const SETTINGS = {
  transactionTimeOut: 1000,
  transactionCheckInterval: 1000,
  transactionCheckMax: 1000,
} as const;

const seed = Number(process.env['SKYLARK_TRANSACTION_SEED'] ?? randomSeed());

/** What a run of the broker acknowledged of one half, and what was asked of it before. */
interface Known {
  readonly half: Half;
  /** Operations of the disk when the half was acknowledged. */
  readonly length: number;
  decided: { readonly outcome: number; readonly length: number } | undefined;
  /** An outcome that may be in the log although nobody heard of it. */
  unheard: number | undefined;
}

type Action =
  | { readonly kind: 'half' }
  | { readonly kind: 'end'; readonly which: number; readonly isCommit: boolean }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'cut'; readonly back: number; readonly choice: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'half' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(50),
      isCommit: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(3000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('cut' as const),
      back: fc.nat(CUT_BACK_MAX),
      choice: fc.nat(1000),
    }),
  },
);

/** The broker of the moment, and what must hold. */
class Course {
  readonly #time = new VirtualTime(realScheduler);
  readonly #known: Known[] = [];
  #recorder = new RecordingFileSystem(new MemoryFileSystem(), '/');
  #lab: TransactionLab | undefined;
  #halves = 0;

  async start(disk: FileSystem = new MemoryFileSystem()): Promise<void> {
    this.#recorder = new RecordingFileSystem(disk, '/');
    const options = { fileSystem: this.#recorder, flush: 'sync', settings: SETTINGS } as const;
    this.#lab = await TransactionLab.start(options, this.#time);
  }

  async act(one: Action): Promise<void> {
    if (one.kind === 'half') await this.#half();
    else if (one.kind === 'end') await this.#end(one.which, one.isCommit ? COMMIT : ROLLBACK);
    else if (one.kind === 'wait') await this.#running.time.advance(one.ms);
    else await this.#cut(one.back, one.choice);
  }

  /** A producer that knows every answer ends what is pending; then all must be as it should. */
  async finish(): Promise<void> {
    const lab = this.#running;
    const wanted = (number: number): number => (number % 3 === 0 ? ROLLBACK : COMMIT);
    const answered = new Set<string>();
    await lab.producer(async (command) => {
      const header = CheckTransactionState.request.decode(command.ext);
      const key = header.msgId ?? '';
      const { body } = decodeRecord(Buffer.from(command.body ?? ''));
      const half = {
        ...{ key, body: body.toString() },
        queueOffset: header.tranStateTableOffset,
        physicalOffset: header.commitLogOffset,
      };
      const more = { fromTransactionCheck: 'true' };
      const answer = await lab.end(half, wanted(Number(half.body)), more);
      if (answer.code === 0) answered.add(half.body);
      return null;
    });
    for (let turn = 0; turn < 6; turn++) await lab.time.advance(1000);
    const bodies = lab.bodies();
    for (const { half, decided, unheard } of this.#known) {
      const copies = bodies.filter((one) => one === half.body).length;
      const isAnswered = answered.has(half.body);
      const answer = isAnswered ? wanted(Number(half.body)) : unheard;
      const outcome = decided?.outcome ?? answer;
      assert.ok(outcome !== undefined, `${half.body} is pending`);
      assert.equal(copies, outcome === COMMIT ? 1 : 0, `copies of ${half.body}`);
      assert.ok(decided === undefined || !isAnswered, `${half.body} has two outcomes`);
    }
    await lab.close();
  }

  async close(): Promise<void> {
    await this.#lab?.close();
  }

  get #running(): TransactionLab {
    assert.ok(this.#lab);
    return this.#lab;
  }

  async #half(): Promise<void> {
    const half = await this.#running.half(String(this.#halves++));
    const { length } = this.#recorder;
    this.#known.push({ half, length, decided: undefined, unheard: undefined });
  }

  async #end(which: number, outcome: number): Promise<void> {
    const known = this.#known[which % Math.max(1, this.#known.length)];
    if (known === undefined) return;
    const answer = await this.#running.end(known.half, outcome);
    if (known.decided !== undefined) assert.notEqual(answer.code, 0, 'a second outcome is taken');
    else if (answer.code === 0) known.decided = { outcome, length: this.#recorder.length };
    else assert.ok(known.unheard !== undefined, answer.remark ?? '');
  }

  async #cut(back: number, chosen: number): Promise<void> {
    const cutAt = Math.max(0, this.#recorder.length - back);
    const operations = this.#recorder.trace.operations.slice(0, this.#recorder.length);
    const disk = new CrashDisk({ ...this.#recorder.trace, operations }, cutAt);
    const choices = [...disk.choices(createPrng(chosen), CHOICES)];
    const choice = choices[chosen % choices.length];
    assert.ok(choice);
    const image = disk.build(choice);
    await this.#running.close();
    const kept = this.#known.filter(({ length }) => length <= cutAt);
    this.#known.length = 0;
    for (const one of kept) {
      const decided = one.decided;
      if (decided !== undefined && decided.length > cutAt) {
        one.unheard = decided.outcome;
        one.decided = undefined;
      }
      // What was durable before this run is durable from its first operation.
      const settled = one.decided && { outcome: one.decided.outcome, length: 0 };
      this.#known.push({ ...one, length: 0, decided: settled });
    }
    await this.start(image);
  }
}

test(`a half has one outcome, whatever happens (SKYLARK_TRANSACTION_SEED=${seed})`, async () => {
  const property = fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
    const course = new Course();
    await course.start();
    try {
      for (const one of actions) await course.act(one);
      await course.finish();
    } finally {
      await course.close();
    }
  });
  await fc.assert(property, { seed, numRuns: RUNS, endOnFailure: false });
});
