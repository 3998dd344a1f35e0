import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseFlags } from '../../src/cli/flags.ts';
import { ACCESS_FLAGS, accessOfFlags, checkOwnAccount } from '../../src/compose/access.ts';

test('a server with ACL 1.0 signs as an admin of its accounts, and needs one', () => {
  const directory = mkdtempSync(join(tmpdir(), 'skylark-access-'));
  const path = join(directory, 'plain_acl.yml');
  const accessOf = () => accessOfFlags(parseFlags(['--acl', path], ACCESS_FLAGS), '/', undefined);
  const user = '- accessKey: someone\n  secretKey: some-secret\n';
  const admin = '- accessKey: administrator\n  secretKey: "87654321"\n  admin: true\n';
  try {
    writeFileSync(path, `accounts:\n${user}`);
    assert.throws(() => checkOwnAccount(accessOf()), {
      code: 'INVALID_ARGUMENT',
      message: /plain_acl\.yml has no account of an admin: give one account admin: true/,
    });
    writeFileSync(path, `accounts:\n${user}${admin}`);
    const access = accessOf();
    checkOwnAccount(access);
    const credentials = { accessKey: 'administrator', secretKey: '87654321' };
    assert.deepEqual(access.credentials, credentials);
    checkOwnAccount({});
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
