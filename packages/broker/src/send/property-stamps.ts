/** The properties that the broker gives to each message: region, trace switch, cluster. */
import { NAME_END, PropertyName, VALUE_END } from '@skylarkmq/message';
import type { BrokerSettings } from '../settings.ts';

export class PropertyStamps {
  /** The encoded stamps. */
  encoded: Buffer = Buffer.alloc(0);
  /** Values of the answer's fields. */
  region: Buffer = Buffer.alloc(0);
  traceOn: Buffer = Buffer.alloc(0);
  /** The same fields for answers of the slow kind. */
  ext: ReadonlyMap<string, string> = new Map();
  readonly #cluster: string;
  #regionId: string | undefined;
  #isTraceOn = false;

  constructor(clusterName: string) {
    this.#cluster = clusterName;
  }

  /** Follows changes of the settings; cheap when there is none. */
  follow(settings: BrokerSettings): void {
    const { regionId, traceOn } = settings;
    if (regionId === this.#regionId && traceOn === this.#isTraceOn) return;
    this.#regionId = regionId;
    this.#isTraceOn = traceOn;
    this.region = Buffer.from(regionId);
    this.traceOn = Buffer.from(String(traceOn));
    const stamps = new Map<string, string>();
    this.stamp(stamps);
    const nameEnd = String.fromCharCode(NAME_END);
    const valueEnd = String.fromCharCode(VALUE_END);
    const text = [...stamps].map(([name, value]) => name + nameEnd + value + valueEnd).join('');
    this.encoded = Buffer.from(text);
    this.ext = new Map([
      [PropertyName.MessageRegion, regionId],
      [PropertyName.TraceSwitch, String(traceOn)],
    ]);
  }

  /** Sets the stamps in properties that were decoded. */
  stamp(properties: Map<string, string>): void {
    // RocketMQ: SendMessageProcessor#buildMsgContext, #sendMessage
    properties.set(PropertyName.MessageRegion, this.#regionId ?? '');
    properties.set(PropertyName.TraceSwitch, String(this.#isTraceOn));
    properties.set(PropertyName.Cluster, this.#cluster);
  }
}
