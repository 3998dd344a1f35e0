import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { MemoryFileSystem, realClock } from '@skylarkmq/base';
import { writeSmallFile } from '../../src/compose/text-file.ts';
import { type SelfSignedDeps, selfSignedCredentials } from '../../src/tls/self-signed.ts';

function fixture(): SelfSignedDeps {
  const fileSystem = new MemoryFileSystem();
  return { fileSystem, clock: realClock, directory: '/data/tls', host: '192.0.2.10' };
}

test('the certificate fits its key and names the addresses', async () => {
  const { cert, key } = await selfSignedCredentials(fixture());
  const certificate = new X509Certificate(cert);
  assert.equal(certificate.checkPrivateKey(createPrivateKey(key)), true);
  assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(certificate.checkIP('192.0.2.10'), '192.0.2.10');
  assert.equal(certificate.checkHost('localhost'), 'localhost');
  assert.equal(certificate.checkHost('example.org'), undefined);
});

test('it is kept, and stays the same', async () => {
  const deps = fixture();
  const first = await selfSignedCredentials(deps);
  const second = await selfSignedCredentials(deps);
  assert.equal(String(second.cert), String(first.cert));
  assert.equal(String(second.key), String(first.key));
});

test('one that has expired, or is none, is made anew', async () => {
  const deps = fixture();
  const first = await selfSignedCredentials(deps);
  const later = { nowMs: () => realClock.nowMs() + 3650 * 86_400_000 };
  const renewed = await selfSignedCredentials({ ...deps, clock: later });
  assert.notEqual(String(renewed.cert), String(first.cert));
  writeSmallFile(deps.fileSystem, '/data/tls/cert.pem', 'nonsense');
  const again = await selfSignedCredentials(deps);
  assert.ok(new X509Certificate(again.cert).checkIP('127.0.0.1'));
});
