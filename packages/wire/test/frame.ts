/** Frames for the tests of this package. */
import assert from 'node:assert/strict';
import {
  type Command,
  encodeCommand,
  FrameDecoder,
  type Outgoing,
  type Serialization,
} from '../src/index.ts';

/** The command that a whole frame spells. */
export function decodeFrame(frame: Buffer): Command {
  const decoder = new FrameDecoder();
  decoder.push(frame);
  const command = decoder.next();
  assert.ok(command !== null, 'the frame is not whole');
  assert.equal(decoder.next(), null);
  return command;
}

/** What arrives of a command that is sent. */
export function passOn(outgoing: Outgoing, serialization: Serialization): Command {
  return decodeFrame(encodeCommand(outgoing, serialization));
}

/** A frame around header bytes that need not be a header. */
export function frameOf(
  type: number,
  header: Uint8Array,
  body: Uint8Array = Buffer.alloc(0),
): Buffer {
  const prefix = Buffer.alloc(8);
  prefix.writeInt32BE(4 + header.length + body.length, 0);
  prefix.writeInt32BE((type << 24) | header.length, 4);
  return Buffer.concat([prefix, header, body]);
}
