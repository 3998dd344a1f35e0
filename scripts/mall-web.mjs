/**
 * Builds the web shop of the mall into mall/web/dist, when it is missing or older than what it is
 * made of. Plain JavaScript, since it runs before anything is built.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const web = join(root, 'mall/web');
const HELP = `Usage: node scripts/mall-web.mjs [--force]

Builds the web shop into mall/web/dist when it is missing or stale; with --force in any case.`;

const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'package.json'];

function main() {
  if (process.argv.includes('--help')) {
    console.log(HELP);
    return;
  }
  if (isFresh() && !process.argv.includes('--force')) return;
  console.log('Building the web shop ...');
  // Built aside and put in its place when it is whole: a shop that runs is served whole files.
  const aside = join(root, `node_modules/.cache/mall-web-${process.pid}`);
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', '--logLevel', 'warn', '--emptyOutDir', '--outDir', aside];
  const { status, error } = spawnSync(process.execPath, args, { cwd: web, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`The web shop could not be built${error ? `: ${error.message}` : ''}`);
    process.exit(status ?? 1);
  }
  place(aside);
}

/** Two that build at once, as test files do, make the same: the first stays, it may be in use. */
function place(aside) {
  const dist = join(web, 'dist');
  if (!isFresh()) rmSync(dist, { recursive: true, force: true });
  try {
    renameSync(aside, dist);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
    rmSync(aside, { recursive: true, force: true });
  }
}

function isFresh() {
  const built = join(web, 'dist/index.html');
  return existsSync(built) && statSync(built).mtimeMs >= newestMs();
}

/** When the youngest of the sources was changed. */
function newestMs() {
  const paths = SOURCES.flatMap((name) => {
    const path = join(web, name);
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true }).map((one) => join(path, one));
  });
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}

main();
