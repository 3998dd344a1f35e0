import type { Outgoing } from './command.ts';
import { encodeBinaryHeader } from './header-binary.ts';
import { encodeJsonHeader } from './header-json.ts';
import { Serialization } from './serialization.ts';

const PREFIX_BYTES = 8;

/** Length word, header word and header: everything of a frame but its body. */
export function encodeCommandHead(outgoing: Outgoing, serialization: Serialization): Buffer {
  const binary = serialization === Serialization.Binary;
  const header = binary ? encodeBinaryHeader(outgoing) : encodeJsonHeader(outgoing);
  const head = Buffer.allocUnsafe(PREFIX_BYTES + header.length);
  const bodyBytes = outgoing.body?.length ?? 0;
  head.writeInt32BE(4 + header.length + bodyBytes, 0);
  head.writeInt32BE((serialization << 24) | header.length, 4);
  header.copy(head, PREFIX_BYTES);
  return head;
}

/** A whole frame. */
export function encodeCommand(outgoing: Outgoing, serialization: Serialization): Buffer {
  const head = encodeCommandHead(outgoing, serialization);
  const body = outgoing.body;
  return body == null || body.length === 0 ? head : Buffer.concat([head, body]);
}
