/**
 * The provider beside the mall: started as the mall's services are, and knowing nothing of them.
 */
import { join } from 'node:path';
import { openDatabaseOf, type Service, type ServiceDeps } from '../shared/service.ts';
import { databaseJournal, JOURNAL_MIGRATIONS, type JournalTables } from './database-journal.ts';
import { fileJournal, type JournalOpener, memoryJournal } from './journal.ts';
import { startProvider } from './provider-server.ts';

/** A callback that is late comes so long after the order has been given up. */
const LATE_MS = 15_000;

/** Its books are a file of the data directory, or a table where there is a database for all. */
export async function createProviderService(deps: ServiceDeps): Promise<Service> {
  const { clock, faults, host, logger, port, secrets, settings, urls } = deps;
  const server = await startProvider({
    ...{ secret: secrets.provider, host, port, clock, logger },
    journal: await journalFor(deps),
    ...(settings.bankUrl === '' ? {} : { publicUrl: () => settings.bankUrl }),
    behaviour: { mode: faults.switches.payment, lateMs: settings.paymentTimeoutMs + LATE_MS },
  });
  urls.provider = server.url;
  const end = faults.onChange(({ payment }) => server.behave({ mode: payment }));
  return {
    name: 'provider',
    url: server.url,
    ready: async () => {},
    stop: async () => {
      end();
      await server.stop();
    },
  };
}

async function journalFor(deps: ServiceDeps): Promise<JournalOpener> {
  const { database } = deps;
  if (database.kind === 'memory') return memoryJournal;
  if (database.kind === 'directory') return fileJournal(join(database.path, 'provider.jsonl'));
  const options = { name: 'provider', migrations: JOURNAL_MIGRATIONS } as const;
  return databaseJournal(await openDatabaseOf<JournalTables>(deps, options));
}
