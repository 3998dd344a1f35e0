/**
 * Who may do what: the same users, policies and requests at Apache's broker 5.5.0 and at ours, and
 * the answers must agree, refusals word by word.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { createPrng, randomSeed } from '@skylarkmq/base';
import type { Command } from '@skylarkmq/wire';
import { ACCESS_SETTINGS, AccessBroker } from './access/access-broker.ts';
import { CERTAIN_USERS, randomRequest, randomUsers } from './access/access-cases.ts';
import { startApacheBroker, startApacheNamesrv } from './servers/apache.ts';
import { freePort } from './servers/ports.ts';
import type { Server } from './servers/server.ts';
import { startSkylarkBroker } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

const USERS = 25;
const REQUESTS = 600;
const NO_PERMISSION = 16;
const seed = Number(process.env['ACCESS_SEED'] ?? randomSeed());

suite('access control as Apache has it', { skip: skipWithout('java', 'mvn') }, () => {
  const servers: Server[] = [];
  const brokers: AccessBroker[] = [];
  const directory = mkdtempSync(join(tmpdir(), 'skylark-access-'));

  before(async () => {
    const namesrv = await startApacheNamesrv();
    servers.push(namesrv);
    const settings = ACCESS_SETTINGS;
    for (const [name, start] of [
      ['apache', startApacheBroker],
      ['skylark', startSkylarkBroker],
    ] as const) {
      const port = await freePort();
      const store = join(directory, name);
      const options = { namesrv: namesrv.address, port, store, brokerName: name, settings };
      const server = await start(options);
      servers.push(server);
      brokers.push(new AccessBroker(server.address));
    }
  });
  after(async () => {
    for (const broker of brokers) await broker.close();
    for (const server of servers.reverse()) await server.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  test(`${REQUESTS} requests of ${USERS} users (ACCESS_SEED=${seed})`, async () => {
    const prng = createPrng(seed);
    const [apache, skylark] = brokers;
    assert.ok(apache && skylark);
    const users = [...CERTAIN_USERS, ...randomUsers(USERS, prng)];
    for (const user of users) {
      await apache.createUser(user);
      await skylark.createUser(user);
    }
    let allowed = 0;
    const different: string[] = [];
    for (let count = 0; count < REQUESTS; count++) {
      const user = users[count % users.length];
      assert.ok(user);
      const request = randomRequest(prng);
      const by = { accessKey: user.name, secretKey: user.secret };
      const [theirs, ours] = await Promise.all([apache.ask(request, by), skylark.ask(request, by)]);
      const wanted = refusalOf(theirs);
      const actual = refusalOf(ours);
      if (wanted === undefined) allowed++;
      if (wanted === actual) continue;
      const what = `${request.code} ${JSON.stringify([...(request.ext ?? [])])}`;
      different.push(
        `${what}\n  Apache: ${wanted}\n  ours:   ${actual}\n  ${JSON.stringify(user)}`,
      );
    }
    assert.equal(different.length, 0, `${different.length}: ${different.slice(0, 5).join('\n')}`);
    assert.ok(allowed > 0 && allowed < REQUESTS, `${allowed} are allowed`);
  });

  test('whoever is nobody is told so in the same words', async () => {
    const [apache, skylark] = brokers;
    assert.ok(apache && skylark);
    const request = { code: 310, version: 513, ext: new Map([['b', 'acl-a']]) };
    for (const by of [
      { accessKey: 'nobody', secretKey: 'x' },
      { accessKey: 'root', secretKey: 'wrong' },
    ]) {
      const theirs: Command = await apache.ask(request, by);
      const ours: Command = await skylark.ask(request, by);
      assert.deepEqual([ours.code, ours.remark], [theirs.code, theirs.remark]);
    }
    const [theirs, ours] = await Promise.all([apache.ask(request), skylark.ask(request)]);
    assert.equal(ours.code, theirs.code);
    assert.ok(ours.remark?.startsWith(theirs.remark ?? '?'), 'ours says more');
  });
});

/** Undefined when access control let it go on. */
function refusalOf({ code, remark }: { code: number; remark: string | null }): string | undefined {
  const isAccess = /has no permission to access|not found|signature/.test(remark ?? '');
  return code === NO_PERMISSION && isAccess ? (remark ?? '') : undefined;
}
