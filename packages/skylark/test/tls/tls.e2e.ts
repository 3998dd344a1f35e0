import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { type ClientTls, Producer, PullConsumer } from '@skylarkmq/client';
import { FREE_PORTS, runSkylark, Skylark, TemporaryFolder } from '../run-skylark.ts';

/** A machine under load makes keys and answers late. */
const SLOW = { connectTimeoutMs: 60_000, requestTimeoutMs: 60_000, sendTimeoutMs: 60_000 };

/** Sends a message and reads it again, over name server and broker. */
async function roundTrip(namesrv: string, tls: boolean | ClientTls): Promise<string> {
  await using producer = new Producer({ namesrv, tls, ...SLOW });
  const { queue, queueOffset } = await producer.send({ topic: 'secret', body: 'whisper' });
  await using consumer = new PullConsumer({ namesrv, tls, group: 'tls-readers', ...SLOW });
  await consumer.assign([queue]);
  await consumer.seek(queue, queueOffset);
  const [message] = await consumer.poll({ timeoutMs: 60_000 });
  return message?.text() ?? '';
}

/** The certificate that a port shows. */
function certificateOf(address: string): Promise<string> {
  const [host = '', port = ''] = address.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('TLS works at once, beside plain connections, with one certificate that stays', async () => {
  using folder = new TemporaryFolder();
  const certPath = join(folder.path, 'data/tls/cert.pem');
  let first: string;
  {
    await using skylark = new Skylark(['start', ...FREE_PORTS, '--shards', '2'], folder.path);
    const { namesrv, brokers } = await skylark.ready();
    assert.equal(await roundTrip(namesrv, false), 'whisper');
    assert.ok(!existsSync(certPath), 'made at the first TLS connection only');
    assert.equal(await roundTrip(namesrv, { verifyServer: false }), 'whisper');
    first = await certificateOf(namesrv);
    for (const { address } of brokers) assert.equal(await certificateOf(address), first);
    // Whoever trusts the kept certificate may check it, too.
    assert.equal(await roundTrip(namesrv, { ca: readFileSync(certPath) }), 'whisper');
    assert.equal((await skylark.stop()).code, 0);
  }
  assert.equal(new X509Certificate(readFileSync(certPath)).fingerprint256, first);
  await using skylark = new Skylark(['start', ...FREE_PORTS], folder.path);
  assert.equal(await certificateOf((await skylark.ready()).broker), first);
});

test('files can be given, and enforcing refuses plain connections', async () => {
  using folder = new TemporaryFolder();
  {
    await using maker = new Skylark(['start', ...FREE_PORTS], folder.path);
    await certificateOf((await maker.ready()).namesrv);
    await maker.stop();
  }
  const files = ['--tls-cert', 'data/tls/cert.pem', '--tls-key', 'data/tls/key.pem'];
  const args = ['start', ...FREE_PORTS, '--memory', '--tls', 'enforcing', ...files];
  await using skylark = new Skylark(args, folder.path);
  const { namesrv } = await skylark.ready();
  const ca = readFileSync(join(folder.path, 'data/tls/cert.pem'));
  assert.equal(await roundTrip(namesrv, { ca }), 'whisper');
  await assert.rejects(roundTrip(namesrv, false), { name: 'MqError' });
  const tried = await runSkylark(['try', '-n', namesrv, '--namesrv-tls'], folder.path);
  assert.equal(tried.code, 0, tried.stderr);
});

test('--tls disabled refuses TLS', async () => {
  using folder = new TemporaryFolder();
  const args = ['start', ...FREE_PORTS, '--memory', '--tls', 'disabled'];
  await using skylark = new Skylark(args, folder.path);
  const { namesrv, broker } = await skylark.ready();
  await assert.rejects(certificateOf(namesrv));
  await assert.rejects(certificateOf(broker));
  assert.equal(await roundTrip(namesrv, false), 'whisper');
});

test('files that are of no use are one line', async () => {
  using folder = new TemporaryFolder();
  {
    await using maker = new Skylark(['start', ...FREE_PORTS], folder.path);
    await certificateOf((await maker.ready()).namesrv);
    await maker.stop();
  }
  const [cert, key] = ['data/tls/cert.pem', 'data/tls/key.pem'];
  const cases: readonly [string, string, RegExp][] = [
    ['none.pem', key, /Cannot read .*none\.pem: there is no such file/],
    [key, key, /key\.pem is no certificate in PEM/],
    [cert, cert, /cert\.pem is no private key in PEM/],
  ];
  for (const [certPath, keyPath, message] of cases) {
    const args = ['start', ...FREE_PORTS, '--tls-cert', certPath, '--tls-key', keyPath];
    const ended = await runSkylark(args, folder.path);
    assert.notEqual(ended.code, 0);
    assert.match(ended.stderr, message);
    assert.match(ended.stderr, /^skylark: [^\n]*\n$/);
  }
});
