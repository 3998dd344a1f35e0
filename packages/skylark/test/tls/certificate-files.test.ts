import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Logger, MemoryFileSystem, realClock } from '@skylarkmq/base';
import type { TlsCredentials } from '@skylarkmq/remoting';
import { writeSmallFile } from '../../src/compose/text-file.ts';
import { CertificateFiles } from '../../src/tls/certificate-files.ts';
import { selfSignedCredentials } from '../../src/tls/self-signed.ts';

const certPath = '/tls/cert.pem';
const keyPath = '/tls/key.pem';

class Fixture {
  readonly lines: string[] = [];
  nowMs = 1_767_225_600_000;
  readonly fileSystem = new MemoryFileSystem(() => this.nowMs);
  readonly files: () => CertificateFiles;

  constructor() {
    const note = (_: object, text: string): void => void this.lines.push(text);
    const logger: Logger = { debug: note, info: note, warn: note, error: note };
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs };
    const { fileSystem } = this;
    fileSystem.makeDirectory('/tls');
    this.files = () => new CertificateFiles({ fileSystem, clock, logger, certPath, keyPath });
  }

  write(path: string, pem: string | Buffer): void {
    this.nowMs += 5000;
    writeSmallFile(this.fileSystem, path, String(pem));
    this.nowMs += 5000;
  }
}

function pair(): Promise<TlsCredentials> {
  const fileSystem = new MemoryFileSystem();
  return selfSignedCredentials({
    ...{ fileSystem, clock: realClock, directory: '/tls', host: '192.0.2.10' },
  });
}

test('a renewed pair is taken as soon as both files are there', async () => {
  const fixture = new Fixture();
  const [first, second] = [await pair(), await pair()];
  fixture.write(certPath, first.cert);
  fixture.write(keyPath, first.key);
  const files = fixture.files();
  const before = files.current();
  assert.equal(String(before.cert), String(first.cert));
  fixture.nowMs += 5000;
  assert.equal(files.current(), before, 'the same object while nothing changed');

  fixture.write(certPath, second.cert);
  assert.equal(files.current(), before, 'the key is still that of the old one');
  fixture.write(keyPath, second.key);
  const after = files.current();
  assert.equal(String(after.cert), String(second.cert));
  assert.equal(String(after.key), String(second.key));
  assert.deepEqual(fixture.lines, [
    'The renewed certificate is of no use: the old one stays',
    'The certificate was renewed',
  ]);
});

test('files that vanish or turn to nonsense leave what is in use', async () => {
  const fixture = new Fixture();
  const first = await pair();
  fixture.write(certPath, first.cert);
  fixture.write(keyPath, first.key);
  const files = fixture.files();
  const before = files.current();
  fixture.write(certPath, 'nonsense');
  assert.equal(files.current(), before);
  fixture.fileSystem.remove(certPath);
  fixture.nowMs += 5000;
  assert.equal(files.current(), before);
  assert.equal(fixture.lines.length, 2);
});

test('at the start bad files are refused, by name', async () => {
  const fixture = new Fixture();
  assert.throws(() => fixture.files(), { message: /cert\.pem/ });
  const [first, second] = [await pair(), await pair()];
  fixture.write(certPath, first.cert);
  fixture.write(keyPath, second.key);
  assert.throws(() => fixture.files(), {
    message: '/tls/key.pem is not the key of the certificate /tls/cert.pem',
  });
});
