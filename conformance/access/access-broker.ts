/** A broker with access control, Apache's or ours, as its super user and others ask it. */
import { realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import { RemotingClient, type RequestCredentials, signed } from '@skylarkmq/remoting';
import type { Command, Outgoing } from '@skylarkmq/wire';
import type { AccessUser } from './access-cases.ts';

const TIMEOUT_MS = 60_000;
const PROVIDERS = 'org.apache.rocketmq.auth';

export const ROOT: RequestCredentials = { accessKey: 'root', secretKey: 'root-secret' };

/** Lines of broker.conf: the same for both brokers. */
export const ACCESS_SETTINGS: readonly string[] = [
  'authenticationEnabled=true',
  'authorizationEnabled=true',
  ...['authentication', 'authorization'].flatMap((kind) => {
    const name = `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`;
    return [
      `${kind}Provider=${PROVIDERS}.${kind}.provider.Default${name}Provider`,
      `${kind}MetadataProvider=${PROVIDERS}.${kind}.provider.Local${name}MetadataProvider`,
    ];
  }),
  `initAuthenticationUser={"username":"${ROOT.accessKey}","password":"${ROOT.secretKey}"}`,
  'innerClientAuthenticationCredentials={"accessKey":"inner","secretKey":"inner-secret"}',
];

export class AccessBroker {
  readonly #client = new RemotingClient({
    ...{ clock: realClock, scheduler: realScheduler, logger: silentLogger },
  });
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  ask(request: Outgoing, by?: RequestCredentials): Promise<Command> {
    const outgoing = by === undefined ? request : signed(request, by);
    return this.#client.invoke(this.#address, outgoing, { timeoutMs: TIMEOUT_MS });
  }

  /** As tools do it. */
  async createUser({ name, secret, entries }: AccessUser): Promise<void> {
    const subject = `User:${name}`;
    await this.#must(3001, { username: name }, { password: secret });
    const policies = [{ policyType: 'Custom', entries }];
    await this.#must(3006, { subject }, { subject, policies });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #must(code: number, fields: Readonly<Record<string, string>>, body: object): Promise<void> {
    const ext = new Map(Object.entries(fields));
    const request = { code, version: 513, ext, body: Buffer.from(JSON.stringify(body)) };
    const answer = await this.ask(request, ROOT);
    if (answer.code !== 0) throw new Error(`${code} ${JSON.stringify(body)}: ${answer.remark}`);
  }
}
