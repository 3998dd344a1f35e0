/** Addresses as ACL files name them: `10.1.2.3`, `10.1.*.*`, `10.1.2-5.*`, `10.1.2.{3,4}`, `*`. */
import { parseIp, parseIpRange } from '../policy/ip-range.ts';

/** A predicate; never true for an empty text. Undefined when the text is none of the forms. */
// RocketMQ: RemoteAddressStrategyFactory#getRemoteAddressStrategy
export function parseRemoteAddress(text: string): ((address: string) => boolean) | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return () => false;
  if (trimmed === '*' || trimmed === '*.*.*.*') return () => true;
  const parts = splitOutsideBraces(trimmed).map(parseOne);
  const known = parts.filter((part) => part !== undefined);
  if (known.length < parts.length) return undefined;
  return (address) => known.some((matches) => matches(address));
}

function parseOne(text: string): ((address: string) => boolean) | undefined {
  const exact = parseIpRange(text);
  if (exact !== undefined) return exact;
  const segments = splitDots(text).map(parseSegment);
  const known = segments.filter((segment) => segment !== undefined);
  if (segments.length !== 4 || known.length !== 4) return undefined;
  return (address) => {
    const bytes = parseIp(address);
    return bytes?.length === 4 && bytes.every((byte, index) => known[index]?.(byte) === true);
  };
}

function parseSegment(text: string): ((byte: number) => boolean) | undefined {
  if (text === '*') return () => true;
  const range = /^(\d{1,3})-(\d{1,3})$/.exec(text);
  if (range !== null) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    return from <= to && to < 256 ? (byte) => byte >= from && byte <= to : undefined;
  }
  const listed = /^\{([\d, ]+)\}$/.exec(text)?.[1] ?? text;
  const bytes = listed.split(',').map((one) => one.trim());
  if (!bytes.every((one) => /^\d{1,3}$/.test(one) && Number(one) < 256)) return undefined;
  const allowed = new Set(bytes.map(Number));
  return (byte) => allowed.has(byte);
}

function splitOutsideBraces(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const char of text) {
    if (char === '{') depth++;
    if (char === '}') depth--;
    if (char === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function splitDots(text: string): string[] {
  return text.split('.');
}
