import { Command, type Outgoing } from '@skylarkmq/wire';
import type { Requester } from '../../src/instance/requester.ts';

/** One request as it was made. */
export interface Made {
  readonly address: string;
  readonly outgoing: Outgoing;
}

/** Notes requests and answers them from a list: for the functions of `api`, which make one each. */
export class RecordingRequester implements Requester {
  readonly clientId = '10.0.0.1@me';
  readonly made: Made[] = [];
  readonly #answers: Outgoing[];

  constructor(...answers: readonly Outgoing[]) {
    this.#answers = [...answers];
  }

  request(address: string, outgoing: Outgoing): Promise<Command> {
    this.made.push({ address, outgoing });
    return Promise.resolve(received(this.#answers.shift() ?? { code: 0 }));
  }

  oneway(address: string, outgoing: Outgoing): Promise<void> {
    this.made.push({ address, outgoing });
    return Promise.resolve();
  }

  askNameServer(outgoing: Outgoing): Promise<Command> {
    return this.request('namesrv', outgoing);
  }

  async askAllNameServers(outgoing: Outgoing): Promise<readonly Command[]> {
    return [await this.askNameServer(outgoing)];
  }
}

/** A command as it looks when it has come over the wire. */
export function received({ code, remark, ext, body }: Outgoing): Command {
  const bytes = Buffer.from(body ?? []);
  const command = new Command(bytes, bytes.length);
  command.code = code;
  command.remark = remark ?? null;
  command.bodyEnd = bytes.length;
  command.setExt(ext ?? new Map());
  return command;
}
