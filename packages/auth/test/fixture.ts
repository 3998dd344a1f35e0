/** Requests as a server gets them, and a server's access control over files in memory. */
import assert from 'node:assert/strict';
import { MemoryFileSystem, realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import type { Connection } from '@skylarkmq/remoting';
import { type RequestCredentials, signed } from '@skylarkmq/remoting';
import {
  Command,
  encodeCommand,
  FrameDecoder,
  type Outgoing,
  Serialization,
} from '@skylarkmq/wire';
import { type AccessOptions, type OpenAccess, openAccess } from '../src/open-access.ts';

export const CLUSTER = 'DefaultCluster';
export const AUTH_PATH = '/store/config/auth.json';
export const ADMIN: RequestCredentials = { accessKey: 'admin', secretKey: 'admin-secret' };

export interface Fixture extends OpenAccess {
  readonly files: MemoryFileSystem;
  readonly time: VirtualTime;
  /** The remark of the refusal; undefined when the request may go on. */
  ask(request: Outgoing, by?: RequestCredentials, from?: string): string | undefined;
}

export function openFixture(
  options: AccessOptions = {},
  files: Readonly<Record<string, string>> = {},
  adminFromAnywhere = false,
): Fixture {
  const time = new VirtualTime(realScheduler, 1_700_000_000_000);
  const fileSystem = new MemoryFileSystem(() => time.nowMs());
  for (const [path, text] of Object.entries(files)) writeFile(fileSystem, path, text);
  const superUsers = [{ username: ADMIN.accessKey, password: ADMIN.secretKey }];
  const access = openAccess(
    { superUsers, ...options },
    {
      ...{ fileSystem, path: AUTH_PATH, clusterName: CLUSTER, clock: time, scheduler: time },
      logger: silentLogger,
      adminFromAnywhere: () => adminFromAnywhere,
    },
  );
  const ask: Fixture['ask'] = (request, by, from = '127.0.0.1:4000') => {
    const outgoing = by === undefined ? request : signed(request, by);
    const answer = access.control.check(received(outgoing), connectionFrom(from));
    assert.ok(answer === undefined || answer.code === 16);
    return answer?.remark ?? undefined;
  };
  return { ...access, files: fileSystem, time, ask };
}

export function received(request: Outgoing, form: Serialization = Serialization.Json): Command {
  const decoder = new FrameDecoder();
  decoder.push(encodeCommand(request, form));
  const command = decoder.next();
  assert.ok(command instanceof Command);
  return command;
}

export function request(code: number, fields: Readonly<Record<string, string>> = {}): Outgoing {
  return { code, version: 513, ext: new Map(Object.entries(fields)) };
}

export function writeFile(files: MemoryFileSystem, path: string, text: string): void {
  files.makeDirectory(path.slice(0, path.lastIndexOf('/')));
  files.remove(path);
  const handle = files.open(path, 'create');
  const bytes = Buffer.from(text, 'utf8');
  handle.writeSync(bytes, 0, bytes.length, 0);
  handle.close();
}

/** Only addresses count here. */
export function connectionFrom(remoteAddress: string): Connection {
  const no = (): never => assert.fail('access control only looks');
  return {
    ...{ id: 1, remoteAddress, remoteHostBytes: Buffer.alloc(8), localAddress: '10.9.9.9:10911' },
    ...{ secure: false, closed: false, pendingOutputBytes: 0, congested: false, outputStart: 0 },
    ...{ respond: no, finish: no, invoke: no, invokeOneway: no, reserve: no, advance: no },
    ...{ write: no, close: no, onClose: no },
  };
}
