/** Ordered POP of all queues, kept in Apache's config/consumerOrderInfo.json. */
import {
  type JsonFile,
  type JsonInputObject,
  jsonObject,
  jsonObjectOr,
  type Logger,
  type Scheduler,
} from '@skylarkmq/base';
import { TableFile } from '../persistence/table-file.ts';
import type { BrokerSettings } from '../settings.ts';
import { type OrderInfo, orderInfoOf } from './order-info.ts';

/** Between topic and group in Apache's file; neither name can contain it. */
const SEPARATOR = '@';

export interface OrderInfosDeps {
  /** Null keeps the records in memory only. */
  readonly file: JsonFile | null;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  settings(): Pick<BrokerSettings, 'flushConsumerOffsetInterval'>;
  nowMs(): number;
}

export class OrderInfos {
  readonly #deps: OrderInfosDeps;
  readonly #file: TableFile;
  readonly #table = new Map<string, Map<number, OrderInfo>>();

  constructor(deps: OrderInfosDeps) {
    this.#deps = deps;
    this.#file = new TableFile({
      ...{ file: deps.file, scheduler: deps.scheduler, logger: deps.logger },
      content: () => this.json(),
      periodMs: () => deps.settings().flushConsumerOffsetInterval,
    });
  }

  /** Reads the file, if there is one. CORRUPT when it has not the form of Apache's. */
  load(): void {
    const root = jsonObjectOr(this.#deps.file?.load(), 'consumerOrderInfo');
    for (const [key, queues] of jsonObjectOr(root.get('table'), 'table')) {
      const infos = new Map<number, OrderInfo>();
      for (const [queueId, info] of jsonObject(queues, String(key))) {
        infos.set(Number(queueId), orderInfoOf(info));
      }
      this.#table.set(String(key), infos);
    }
  }

  get(group: string, topic: string, queueId: number): OrderInfo | undefined {
    return this.#table.get(topic + SEPARATOR + group)?.get(queueId);
  }

  set(group: string, topic: string, queueId: number, info: OrderInfo): void {
    const key = topic + SEPARATOR + group;
    const queues = this.#table.get(key);
    if (queues === undefined) this.#table.set(key, new Map([[queueId, info]]));
    else queues.set(queueId, info);
    this.#file.changed();
  }

  /** A record was changed in place. */
  changed(): void {
    this.#file.changed();
  }

  /** Ends the order of a queue whose offset was set by an administrator. */
  remove(group: string, topic: string, queueId: number): void {
    if (this.#table.get(topic + SEPARATOR + group)?.delete(queueId)) this.#file.changed();
  }

  removeTopic(topic: string): void {
    this.#forget((key) => key.startsWith(topic + SEPARATOR));
  }

  removeGroup(group: string): void {
    this.#forget((key) => key.endsWith(SEPARATOR + group));
  }

  json(): JsonInputObject {
    const nowMs = this.#deps.nowMs();
    let orderInfoCount = 0;
    const table = new Map<string, Map<number, JsonInputObject>>();
    for (const [key, queues] of this.#table) {
      const infos = new Map<number, JsonInputObject>();
      for (const [queueId, info] of queues) infos.set(queueId, info.json(nowMs));
      orderInfoCount += infos.size;
      table.set(key, infos);
    }
    return { orderInfoCount, orderedConsumptionLevel: 'QUEUE', table };
  }

  /** Writes changes while other work goes on; rejects with what the disk says. */
  saveLater(): Promise<void> {
    return this.#file.saveLater();
  }

  close(): void {
    this.#file.close();
  }

  #forget(isGone: (key: string) => boolean): void {
    for (const key of [...this.#table.keys()]) {
      if (isGone(key) && this.#table.delete(key)) this.#file.changed();
    }
  }
}
