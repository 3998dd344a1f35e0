/** npm run compatibility: writes docs/compatibility.md from what the last tests found. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderPage } from './page.ts';

const HELP = `npm run compatibility

Writes docs/compatibility.md. Run the tests of the clients first:
npm test -- java-client go-client transactions sdk-apache sdk-skylark`;

const page = renderPage();
const path = join(import.meta.dirname, '../../docs/compatibility.md');
if (process.argv.includes('--help')) process.stdout.write(`${HELP}\n`);
else writeFileSync(path, page);
if (page.includes('FAIL')) {
  process.stderr.write('Some scenarios failed: they are listed at the end of the page\n');
  process.exitCode = 1;
}
