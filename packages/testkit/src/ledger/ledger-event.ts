/** One line of a ledger: what a producer, a consumer or the final reader saw, in that order. */
export type LedgerEvent =
  /** A send begins. `id` is unique per message; a retry of the same message has the same id. */
  | { readonly kind: 'attempt'; readonly id: string; readonly producer: string }
  /** The broker said that it has the message. */
  | {
      readonly kind: 'ack';
      readonly id: string;
      readonly producer: string;
      readonly queue: string;
      readonly offset: number;
    }
  /** The broker said for certain that it does not have the message. */
  | { readonly kind: 'refused'; readonly id: string; readonly producer: string }
  /** A consumer got a message. */
  | {
      readonly kind: 'receipt';
      readonly id: string;
      readonly consumer: string;
      readonly queue: string;
      readonly offset: number;
      readonly bodyHash: string;
    }
  /** The final reader, who reads all queues from the beginning, found a message. */
  | {
      readonly kind: 'final';
      readonly id: string;
      readonly queue: string;
      readonly offset: number;
      readonly bodyHash: string;
    };

/** One event as a line of JSON, for ledgers that must survive a killed process. */
export function ledgerLine(event: LedgerEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/** Reads lines; the last one may be torn. Throws when another one is not an event. */
export function parseLedger(text: string): LedgerEvent[] {
  const lines = text.split('\n');
  lines.pop();
  return lines.map((line, index) => {
    const event: unknown = JSON.parse(line);
    if (isLedgerEvent(event)) return event;
    throw new Error(`Line ${index + 1} of the ledger is no event: ${line.slice(0, 200)}`);
  });
}

const FIELDS: Readonly<Record<LedgerEvent['kind'], readonly string[]>> = {
  attempt: ['id', 'producer'],
  ack: ['id', 'producer', 'queue', 'offset'],
  refused: ['id', 'producer'],
  receipt: ['id', 'consumer', 'queue', 'offset', 'bodyHash'],
  final: ['id', 'queue', 'offset', 'bodyHash'],
};

function isLedgerEvent(value: unknown): value is LedgerEvent {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  const fields = Object.entries(FIELDS).find(([kind]) => kind === value.kind)?.[1];
  const members = new Map<string, unknown>(Object.entries(value));
  if (fields === undefined) return false;
  return fields.every((name) => {
    return typeof members.get(name) === (name === 'offset' ? 'number' : 'string');
  });
}
