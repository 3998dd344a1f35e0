/** A provider in a process of its own, to be killed: `provider-process.ts <directory>`. */
import { join } from 'node:path';
import { fileJournal } from '../../src/provider/journal.ts';
import { startProvider } from '../../src/provider/provider-server.ts';
import { SECRET } from './merchant.ts';

const [directory] = process.argv.slice(2);
const provider = await startProvider({
  secret: SECRET,
  ...(directory === undefined ? {} : { journal: fileJournal(join(directory, 'provider.jsonl')) }),
  clock: { nowMs: () => Date.now() },
  logger: { warn: () => {} },
});
process.stdout.write(`${provider.url}\n`);
