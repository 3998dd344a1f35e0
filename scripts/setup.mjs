/**
 * Makes a checkout ready to run: installs the dependencies when they are missing or not those of
 * package-lock.json, and builds. Plain JavaScript without dependencies, since it runs before
 * there are any. Does nothing that is done already.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const HELP = `Usage: node scripts/setup.mjs [--no-build]

Installs the dependencies if they are missing or stale, then builds all packages.`;

function main() {
  if (process.argv.includes('--help')) {
    console.log(HELP);
    return;
  }
  requireNode();
  const reason = staleness();
  if (reason !== undefined) {
    console.log(`Installing dependencies (${reason}) ...`);
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  }
  if (!process.argv.includes('--no-build')) {
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']);
  }
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Skylark needs Node 20.19 or newer, this is ${process.versions.node}`);
  process.exit(1);
}

/** Why the dependencies must be installed; undefined when they are there. */
function staleness() {
  const installedPath = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedPath)) return 'there are none';
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const installed = packagesOf(installedPath);
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/') || entry.optional) continue;
    const found = installed[path];
    if (found === undefined) return `${path} is missing`;
    if (found.version !== entry.version) return `${path} is ${found.version}`;
    if (!existsSync(join(root, path))) return `${path} is missing`;
  }
  return undefined;
}

function packagesOf(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status === 0) return;
  console.error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
  process.exit(status ?? 1);
}

main();
