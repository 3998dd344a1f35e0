/** The few words of Redis's protocol that a test needs: EVAL, with texts in and out. */
import { connect, type Socket } from 'node:net';
import { type Deferred, deferred } from '@skylarkmq/base';

export class RedisClient {
  readonly #socket: Socket;
  readonly #waiting: Deferred<unknown>[] = [];
  #input = '';

  constructor(address: string) {
    const [host = '', port = ''] = address.split(':');
    this.#socket = connect(Number(port), host);
    this.#socket.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#socket.on('error', (error) => {
      for (const one of this.#waiting.splice(0)) one.reject(error);
    });
  }

  evaluate(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const words = ['EVAL', script, String(keys.length), ...keys, ...args];
    const bulk = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
    const answer = deferred<unknown>();
    this.#waiting.push(answer);
    this.#socket.write(`*${words.length}\r\n${bulk}`);
    return answer.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#input += text;
    for (;;) {
      const end = this.#input.indexOf('\r\n');
      if (end < 0) return;
      const kind = this.#input[0];
      const value = this.#input.slice(1, end);
      let rest = end + 2;
      let answer: unknown = kind === ':' ? Number(value) : value;
      if (kind === '$' && value !== '-1') {
        const length = Number(value);
        if (this.#input.length < rest + length + 2) return;
        answer = this.#input.slice(rest, rest + length);
        rest += length + 2;
      }
      this.#input = this.#input.slice(rest);
      if (kind === '-') this.#waiting.shift()?.reject(new Error(value));
      else this.#waiting.shift()?.resolve(answer);
    }
  }
}
