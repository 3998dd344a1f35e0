/** Addresses of sockets in the forms of the protocol. */
import { MqError, MqErrorCode } from '@skylarkmq/base';

const V4_MAPPED = '::ffff:';

/** "ip:port"; an IPv4 address that IPv6 carries is shown as IPv4. */
export function joinAddress(ip: string | undefined, port: number | undefined): string {
  const host = plainIp(ip ?? '0.0.0.0');
  return host.includes(':') ? `[${host}]:${port ?? 0}` : `${host}:${port ?? 0}`;
}

/** Host and port of "host:port" (split at the last colon, brackets removed). */
export function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace('[', '').replace(']', '');
  const port = Number(address.slice(colon + 1));
  if (colon <= 0 || host === '' || !Number.isInteger(port) || port < 1 || port > 65535) {
    const message = `Address ${JSON.stringify(address)} is not host:port`;
    throw new MqError(MqErrorCode.InvalidArgument, message);
  }
  return { host, port };
}

/** IP (4 or 16 bytes) and 4-byte port, as in records. */
export function hostBytesOf(ip: string | undefined, port: number | undefined): Buffer {
  const plain = plainIp(ip ?? '0.0.0.0');
  const v4 = !plain.includes(':');
  const bytes = Buffer.alloc(v4 ? 8 : 20);
  if (v4) for (const [index, part] of plain.split('.').entries()) bytes[index] = Number(part);
  else
    for (const [index, group] of groupsOf(plain).entries()) bytes.writeUInt16BE(group, index * 2);
  bytes.writeInt32BE(port ?? 0, v4 ? 4 : 16);
  return bytes;
}

function plainIp(ip: string): string {
  return ip.startsWith(V4_MAPPED) ? ip.slice(V4_MAPPED.length) : ip;
}

function groupsOf(ip: string): number[] {
  const [head = '', tail = ''] = (ip.split('%')[0] ?? ip).split('::');
  const parse = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16) & 0xffff);
  const left = parse(head);
  const right = parse(tail);
  const zeros = new Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0);
  return [...left, ...zeros, ...right].slice(0, 8);
}
