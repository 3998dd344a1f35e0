import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { RemotingClient, type ServerTlsOptions, type TlsMode } from '../src/index.ts';
import { frame, RawPeer, real, type Started, startServer, until } from './fixture.ts';
import { OTHER_CERTIFICATE, OTHER_KEY, TEST_CERTIFICATE, TEST_KEY } from './test-certificate.ts';

const timeoutMs = 60_000;
const credentials = { cert: TEST_CERTIFICATE, key: TEST_KEY };
const started: Started[] = [];
const plain = new RemotingClient(real);
const trusting = new RemotingClient({ ...real, tls: { verify: false } });
const verifying = new RemotingClient({ ...real, tls: { ca: TEST_CERTIFICATE } });
const suspicious = new RemotingClient({ ...real, tls: {} });

after(async () => {
  for (const client of [plain, trusting, verifying, suspicious]) await client.close();
  for (const one of started) await one.server.close();
});

async function start(mode: TlsMode, more: Partial<ServerTlsOptions> = {}): Promise<Started> {
  const tls = { mode, credentials: () => credentials, ...more };
  const one = await startServer({ tls, limits: { frameDeadlineMs: 3000, idleMs: 60_000 } });
  one.server.register(2, (_, connection) => ({ code: connection.secure ? 1 : 0 }));
  started.push(one);
  return one;
}

/** Fingerprint of the certificate that a new connection is shown. */
function certificateShownAt(address: string): Promise<string> {
  const [host = '', port = ''] = address.split(':');
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('permissive: TLS and plain on the same port, told apart by the first byte', async () => {
  const { address } = await start('permissive');
  const body = Buffer.alloc(2 * 1024 * 1024, 'b');
  for (const client of [plain, trusting, verifying]) {
    const answer = await client.invoke(address, { code: 1, body }, { timeoutMs });
    assert.ok(answer.body?.equals(body));
    const { code } = await client.invoke(address, { code: 2 }, { timeoutMs });
    assert.equal(code, client === plain ? 0 : 1);
  }
});

test('a client that checks certificates refuses one that it does not know', async () => {
  const { address } = await start('permissive');
  await assert.rejects(suspicious.invoke(address, { code: 1 }, { timeoutMs }), {
    code: 'CONNECT',
    message: /self-signed certificate/,
  });
});

test('plain frames that come in pieces are served by a permissive server', async () => {
  const { port } = await start('permissive');
  const peer = await RawPeer.open(port);
  const bytes = frame(1, 100);
  peer.socket.setNoDelay(true);
  for (const byte of bytes.subarray(0, 10)) {
    peer.send(Buffer.from([byte]));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  peer.send(bytes.subarray(10));
  await until(() => peer.received.length === 1);
  peer.socket.destroy();
});

test('enforcing: plain connections are closed with a log line', async () => {
  const { address, log } = await start('enforcing');
  assert.equal((await trusting.invoke(address, { code: 2 }, { timeoutMs })).code, 1);
  await assert.rejects(plain.invoke(address, { code: 1 }, { timeoutMs }), {
    code: 'CONNECTION_CLOSED',
  });
  assert.ok(log.lines.some((line) => /plain text, but TLS is enforced/.test(line)));
});

test('disabled: TLS is closed with a log line', async () => {
  const { address, log } = await start('disabled');
  await assert.rejects(trusting.invoke(address, { code: 1 }, { timeoutMs }), { code: 'CONNECT' });
  await until(() => log.lines.some((line) => /Bad frame: length/.test(line)));
  assert.equal((await plain.invoke(address, { code: 2 }, { timeoutMs })).code, 0);
});

test('a handshake that stalls or is garbage ends, and others are served meanwhile', async () => {
  const { address, port, log } = await start('permissive');
  const stalled = await RawPeer.open(port);
  stalled.send(Buffer.from([0x16, 0x03, 0x01]));
  const garbage = await RawPeer.open(port);
  garbage.send(Buffer.concat([Buffer.from([0x16]), Buffer.alloc(500, 0xff)]));
  assert.equal((await trusting.invoke(address, { code: 2 }, { timeoutMs })).code, 1);
  await until(() => stalled.closed && garbage.closed);
  assert.ok(log.lines.some((line) => /no TLS handshake within 3000 ms/.test(line)));
});

test('sockets of TLS connections are given back', async () => {
  const tls: ServerTlsOptions = { mode: 'permissive', credentials: () => credentials };
  const one = await startServer({ tls, connectionsMax: 2 });
  started.push(one);
  for (let turn = 0; turn < 6; turn++) {
    const client = new RemotingClient({ ...real, tls: { verify: false } });
    assert.equal((await client.invoke(one.address, { code: 1 }, { timeoutMs })).code, 0);
    await client.close();
    await until(() => one.server.connectionCount === 0);
  }
});

test('a renewed certificate is shown to new connections, and the old ones stay', async () => {
  const renewed = { cert: OTHER_CERTIFICATE, key: OTHER_KEY };
  let current = credentials;
  const { address } = await start('permissive', { credentials: () => current });
  const shown = (): Promise<string> => certificateShownAt(address);
  const fingerprint = (pem: string): string => new X509Certificate(pem).fingerprint256;
  assert.equal((await trusting.invoke(address, { code: 1 }, { timeoutMs })).code, 0);
  assert.equal(await shown(), fingerprint(TEST_CERTIFICATE));
  current = renewed;
  assert.equal(await shown(), fingerprint(OTHER_CERTIFICATE));
  assert.equal((await trusting.invoke(address, { code: 2 }, { timeoutMs })).code, 1);
});

test('a certificate that cannot be had is logged, and asked for again', async () => {
  let broken = true;
  const { address, log } = await start('permissive', {
    credentials: async () => {
      if (broken) throw new Error('No such certificate');
      return credentials;
    },
  });
  await assert.rejects(trusting.invoke(address, { code: 1 }, { timeoutMs }), { code: 'CONNECT' });
  assert.ok(log.lines.some((line) => /TLS is not available: No such certificate/.test(line)));
  broken = false;
  assert.equal((await trusting.invoke(address, { code: 2 }, { timeoutMs })).code, 1);
});

test('a server that asks for the client’s certificate admits those it trusts', async () => {
  const demanding = { ...credentials, ca: TEST_CERTIFICATE, requirePeerCertificate: true };
  const { address } = await start('enforcing', { credentials: () => demanding });
  const known = new RemotingClient({ ...real, tls: { verify: false, credentials } });
  assert.equal((await known.invoke(address, { code: 2 }, { timeoutMs })).code, 1);
  await known.close();
  await assert.rejects(trusting.invoke(address, { code: 2 }, { timeoutMs }));
});

test('a peer that connects and leaves without a word is forgotten', async () => {
  const one = await start('permissive');
  const socket = connect(one.port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.destroy();
  assert.equal((await plain.invoke(one.address, { code: 2 }, { timeoutMs })).code, 0);
});
