/**
 * The files of recorded frames, one a version of the client: of each shape that went by, a few. A
 * line is one frame:
 *
 *     KIND VERSION SENDER REQUEST-CODE ANSWER-CODE|- HEX
 *
 * KIND is the scenario that showed it first.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeProperties } from '@skylarkmq/message';
import { type Command, FrameDecoder, RequestCode } from '@skylarkmq/wire';
import { JAVA_VERSIONS, type JavaVersion } from '../servers/official-client.ts';
import type { SeenFrame, Sender } from './recording-proxy.ts';

const FRAMES_PER_SHAPE = 2;
/** Longer ones show nothing that the shorter do not. */
const FRAME_BYTES_MAX = 16_000;

/** One line of the file. */
export interface RecordedFrame {
  readonly kind: string;
  /** Of the official client. */
  readonly version: string;
  readonly sender: Sender;
  readonly requestCode: number;
  readonly bytes: Buffer;
}

/** Keeps a few frames of each shape. */
export class TrafficRecord {
  readonly #lines: { readonly version: string; readonly text: string }[] = [];
  readonly #counts = new Map<string, number>();

  /** Goes on with what was recorded before. */
  constructor(before: readonly RecordedFrame[] = []) {
    for (const frame of before) {
      const { kind, version, sender, requestCode, bytes } = frame;
      const decoder = new FrameDecoder();
      decoder.push(bytes);
      const command = decoder.next();
      if (command !== null) this.add(kind, version, { sender, requestCode, command, bytes });
    }
  }

  /** Writes the files; returns how many frames they have. */
  write(): number {
    for (const version of JAVA_VERSIONS) {
      const lines = this.#lines.filter((line) => line.version === version);
      writeFileSync(fileOf(version), `${lines.map(({ text }) => text).join('\n')}\n`);
    }
    return this.#lines.length;
  }

  add(kind: string, version: string, { sender, requestCode, command, bytes }: SeenFrame): void {
    if (bytes.length > FRAME_BYTES_MAX || requestCode < 0) return;
    const answer = command.isResponse ? String(command.code) : '-';
    const where = `${version} ${sender} ${requestCode} ${answer}`;
    const shape = `${where} ${command.flag} ${shapeOf(requestCode, command)}`;
    const count = this.#counts.get(shape) ?? 0;
    if (count >= FRAMES_PER_SHAPE) return;
    this.#counts.set(shape, count + 1);
    this.#lines.push({ version, text: `${kind} ${where} ${bytes.toString('hex')}` });
  }
}

/** What was recorded with all versions. */
export function readTraffic(): RecordedFrame[] {
  return JAVA_VERSIONS.flatMap((version) => parse(readFileSync(fileOf(version), 'utf8')));
}

function fileOf(version: JavaVersion): string {
  return join(import.meta.dirname, `../golden/traffic-${version}.txt`);
}

function parse(text: string): RecordedFrame[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [kind = '', version = '', sender, code, , hex = ''] = line.split(' ');
    return {
      ...{ kind, version, sender: sender === 'client' ? 'client' : 'server' },
      ...{ requestCode: Number(code), bytes: Buffer.from(hex, 'hex') },
    };
  });
}

const PROPERTY_FIELDS: ReadonlyMap<number, string> = new Map([
  [RequestCode.SendMessage, 'properties'],
  [RequestCode.SendMessageV2, 'i'],
  [RequestCode.SendBatchMessage, 'i'],
  [RequestCode.SendReplyMessageV2, 'i'],
]);

/** Two frames of one shape have the same fields; messages, also the same properties. */
function shapeOf(requestCode: number, command: Command): string {
  const { ext } = command;
  const names = [...ext.keys()].sort().join();
  const field = command.isResponse ? undefined : PROPERTY_FIELDS.get(requestCode);
  const properties = field === undefined ? undefined : ext.get(field);
  if (properties === undefined) return `${names} ${command.body === null}`;
  const text = Buffer.from(properties);
  return `${names} ${[...decodeProperties(text, 0, text.length).keys()].sort().join()}`;
}
