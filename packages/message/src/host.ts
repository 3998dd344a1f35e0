/** Addresses in records and ids: the IP as 4 or 16 bytes, then the port as a 4-byte integer. */
import { MqError, MqErrorCode } from '@skylarkmq/base';

export const HOST_V4_BYTES = 8;
export const HOST_V6_BYTES = 20;

/** "ip:port" (or "[v6]:port") as 8 or 20 bytes. The host must be an IP. */
export function encodeHost(address: string): Buffer {
  const colon = address.lastIndexOf(':');
  const ip = address.slice(0, colon).replace('[', '').replace(']', '');
  const port = Number(address.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(port) || port < 0 || port > 65535) throw bad(address);
  return encodeHostParts(ip, port);
}

/** IP and port as 8 or 20 bytes; an IPv4 address mapped into IPv6 becomes IPv4. */
export function encodeHostParts(ip: string, port: number): Buffer {
  const mapped = ip.toLowerCase().startsWith('::ffff:') ? ip.slice(7) : ip;
  if (isIPv4(mapped)) {
    const bytes = Buffer.alloc(HOST_V4_BYTES);
    for (const [index, part] of mapped.split('.').entries()) bytes[index] = Number(part);
    bytes.writeInt32BE(port, 4);
    return bytes;
  }
  if (!isIPv6(ip)) throw bad(`${ip}:${port}`);
  const bytes = Buffer.alloc(HOST_V6_BYTES);
  for (const [index, group] of expandIPv6(ip).entries()) bytes.writeUInt16BE(group, index * 2);
  bytes.writeInt32BE(port, 16);
  return bytes;
}

/** 8 or 20 bytes as "ip:port". */
export function decodeHost(buffer: Buffer, start: number, v6: boolean): string {
  if (!v6) {
    const ip = `${buffer[start]}.${buffer[start + 1]}.${buffer[start + 2]}.${buffer[start + 3]}`;
    return `${ip}:${buffer.readInt32BE(start + 4)}`;
  }
  const groups: string[] = [];
  for (let at = start; at < start + 16; at += 2) groups.push(buffer.readUInt16BE(at).toString(16));
  return `[${groups.join(':')}]:${buffer.readInt32BE(start + 16)}`;
}

/** The eight groups; NaN among them, or another number of them, when it is no IPv6 address. */
function expandIPv6(ip: string): number[] {
  const zone = ip.indexOf('%');
  const halves = (zone < 0 ? ip : ip.slice(0, zone)).split('::');
  const [head = '', tail] = halves;
  if (halves.length > 2) return [];
  const left = groupsOf(head);
  if (tail === undefined) return left;
  const right = groupsOf(tail);
  const zeros = new Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0);
  return [...left, ...zeros, ...right];
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [part.length <= 4 ? Number(`0x${part}`) : Number.NaN];
    if (!isIPv4(part)) return [Number.NaN];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function bad(address: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, `Address ${address} is not IP:port`);
}

function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every(isOctet);
}

function isOctet(part: string): boolean {
  const value = Number(part);
  return String(value) === part && Number.isInteger(value) && value >= 0 && value <= 255;
}

function isIPv6(text: string): boolean {
  const groups = text.includes(':') ? expandIPv6(text) : [];
  return groups.length === 8 && groups.every((group) => group >= 0 && group <= 0xffff);
}
