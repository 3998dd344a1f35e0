/** The thread of a shard: one broker with an event loop and a store of its own. */
import { isDeepStrictEqual } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { type Deferred, deferred, MqError, MqErrorCode } from '@skylarkmq/base';
import type { ServerTlsOptions, TlsCredentials } from '@skylarkmq/remoting';
import { loggerOf } from '../cli/server-flags.ts';
import type { FromShard, ShardData, ToShard } from './shard-messages.ts';
import { startBroker } from './start-broker.ts';

async function main(data: ShardData): Promise<void> {
  const certificate = new AskedCertificate();
  const closeAsked: Deferred<void> = deferred();
  parentPort?.on('message', (message: ToShard) => {
    if (message.kind === 'close') closeAsked.resolve();
    else if (message.kind === 'credentials') certificate.answered(message.credentials);
    else certificate.refused(new MqError(MqErrorCode.System, message.message));
  });
  const tls: ServerTlsOptions = { mode: data.tlsMode, credentials: () => certificate.ask() };
  const broker = await startBroker(data.plan, {
    logger: loggerOf(data.logLevel, {
      errorIsTerminal: data.errorIsTerminal,
      writeError: (text) => process.stderr.write(text),
    }),
    tls: data.tlsMode === 'disabled' ? undefined : tls,
  });
  tell({ kind: 'ready', facts: broker.facts });
  await closeAsked.promise;
  await broker.close();
  tell({ kind: 'closed' });
  parentPort?.close();
}

/** The main thread's certificate, asked for at each TLS connection: it may be renewed meanwhile. */
class AskedCertificate {
  #last: TlsCredentials | undefined;
  #asked: Deferred<TlsCredentials> | undefined;

  ask(): Promise<TlsCredentials> {
    if (this.#asked === undefined) {
      this.#asked = deferred();
      tell({ kind: 'needCredentials' });
    }
    return this.#asked.promise;
  }

  answered(credentials: TlsCredentials): void {
    // What crosses threads is a copy: the same certificate must be the same object again.
    const isSame = this.#last !== undefined && isDeepStrictEqual(this.#last, credentials);
    if (!isSame) this.#last = credentials;
    this.#asked?.resolve(this.#last ?? credentials);
    this.#asked = undefined;
  }

  refused(error: MqError): void {
    this.#asked?.reject(error);
    this.#asked = undefined;
  }
}

function tell(message: FromShard): void {
  parentPort?.postMessage(message);
}

main(workerData).catch((error) => {
  const { code, message } = MqError.from(error);
  tell({ kind: 'failed', code, message });
  parentPort?.close();
});
