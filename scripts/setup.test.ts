/** A checkout becomes ready to run: once, and again when its dependencies are not those wanted. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const scripts = dirname(fileURLToPath(import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'skylark-setup-'));
after(() => rmSync(project, { recursive: true, force: true }));

function setup(
  root: string,
  ...args: readonly string[]
): { output: string; status: number | null } {
  const script = join(root, 'scripts/setup.mjs');
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, ...args], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: { ...process.env, npm_config_offline: 'true' },
  });
  return { output: `${stdout}${stderr}`, status };
}

/** A project whose only dependency is a folder in it: npm installs it without a network. */
function writeProject(): void {
  mkdirSync(join(project, 'scripts'));
  mkdirSync(join(project, 'packages/one'), { recursive: true });
  cpSync(join(scripts, 'setup.mjs'), join(project, 'scripts/setup.mjs'));
  const root = { name: 'project', version: '1.0.0', workspaces: ['packages/*'] };
  const one = { name: 'one', version: '1.0.0' };
  writeFileSync(join(project, 'package.json'), JSON.stringify(root));
  writeFileSync(join(project, 'packages/one/package.json'), JSON.stringify(one));
  const packages = {
    '': root,
    'node_modules/one': { resolved: 'packages/one', link: true },
    'packages/one': one,
  };
  const lock = { ...root, lockfileVersion: 3, requires: true, packages };
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify(lock));
}

test('dependencies are installed when they are missing, and only then', () => {
  writeProject();
  const first = setup(project, '--no-build');
  assert.equal(first.status, 0, first.output);
  assert.match(first.output, /Installing dependencies \(there are none\)/);
  assert.ok(existsSync(join(project, 'node_modules/one')));
  assert.deepEqual(setup(project, '--no-build'), { output: '', status: 0 });
  rmSync(join(project, 'node_modules/one'));
  const again = setup(project, '--no-build');
  assert.match(again.output, /Installing dependencies \(node_modules\/one is missing\)/);
  assert.equal(again.status, 0, again.output);
});

test('a build that fails fails the setup, with the command', () => {
  const { output, status } = setup(project);
  assert.notEqual(status, 0);
  assert.match(output, /typescript\/bin\/tsc -b failed/);
});

test('this checkout is ready, and help explains', () => {
  assert.deepEqual(setup(dirname(scripts), '--no-build'), { output: '', status: 0 });
  assert.match(setup(dirname(scripts), '--help').output, /^Usage: node scripts\/setup\.mjs/);
});
