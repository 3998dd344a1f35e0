/** The switches of the control room, kept in its database: a restart turns none of them back. */
import type { Database } from '../shared/database/database.ts';
import { type Faults, type Switches, switchesSchema } from '../shared/faults.ts';
import type { ServiceDeps } from '../shared/service.ts';

/** A row for each switch that was ever turned. */
export interface SwitchTables {
  readonly switches: { readonly name: string; readonly setting: string };
}

/** Makes the table. */
export const SWITCH_MIGRATIONS: readonly string[] = [
  'CREATE TABLE switches (name TEXT PRIMARY KEY, setting TEXT NOT NULL);',
];

const changesSchema = switchesSchema.partial();
/** What may be turned: any of the switches. */
export type SwitchChanges = Partial<{ [Name in keyof Switches]: Switches[Name] | undefined }>;

/** Turns switches, one request after the other. */
export class KeptSwitches {
  readonly #database: Database<SwitchTables>;
  readonly #faults: Faults;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(database: Database<SwitchTables>, faults: Faults) {
    this.#database = database;
    this.#faults = faults;
  }

  /** Turns them as they were left. */
  static async open(
    database: Database<SwitchTables>,
    { faults, logger }: Pick<ServiceDeps, 'faults' | 'logger'>,
  ): Promise<KeptSwitches> {
    const rows = await database.kysely.selectFrom('switches').selectAll().execute();
    for (const { name, setting } of rows) {
      // Another version may have had switches and settings that this one does not know.
      const kept = changesSchema.safeParse({ [name]: JSON.parse(setting) });
      if (kept.success) faults.set(definedOf(kept.data));
      else logger.warn({ name, setting }, 'A kept switch has a setting that is unknown here');
    }
    return new KeptSwitches(database, faults);
  }

  /** Kept first, or a switch would be on for as long as this process lives. */
  turn(changes: SwitchChanges): Promise<Switches> {
    const turned = this.#last.then(() => this.#turn(definedOf(changes)));
    this.#last = turned.catch((error: unknown) => error);
    return turned;
  }

  async #turn(changes: Partial<Switches>): Promise<Switches> {
    const rows = Object.entries(changes).map(([name, setting]) => ({
      ...{ name, setting: JSON.stringify(setting) },
    }));
    if (rows.length > 0) {
      await this.#database.kysely
        .insertInto('switches')
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet((row) => ({ setting: row.ref('excluded.setting') })),
        )
        .execute();
    }
    this.#faults.set(changes);
    return this.#faults.switches;
  }
}

/** Without those that are said to be undefined. */
function definedOf(changes: SwitchChanges): Partial<Switches> {
  const defined = Object.entries(changes).filter(([, setting]) => setting !== undefined);
  return Object.fromEntries(defined);
}
