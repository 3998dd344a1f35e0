/** Addresses and ranges (`10.0.0.0/8`, `fd00::/8`) that a request may come from. */

/** A predicate for addresses; undefined when the text is neither an address nor a range. */
export function parseIpRange(text: string): ((address: string) => boolean) | undefined {
  const slash = text.indexOf('/');
  const base = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (base === undefined) return undefined;
  const bitsMax = base.length * 8;
  const bits = slash < 0 ? bitsMax : prefixLength(text.slice(slash + 1), bitsMax);
  if (bits === undefined) return undefined;
  return (address) => {
    const bytes = parseIp(address);
    return bytes !== undefined && bytes.length === base.length && sameBits(bytes, base, bits);
  };
}

/** 4 or 16 bytes; undefined when it is no address. IPv4 within IPv6 counts as IPv4. */
export function parseIp(text: string): readonly number[] | undefined {
  const plain = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (!plain.includes(':')) return parseIpv4(plain);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  return mapped === undefined ? parseIpv6(plain) : parseIpv4(mapped);
}

function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
}

const GROUPS = 8;

function parseIpv6(text: string): readonly number[] | undefined {
  const zone = text.indexOf('%');
  const halves = (zone < 0 ? text : text.slice(0, zone)).split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = GROUPS - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const zeros = new Array<string>(halves.length === 1 ? 0 : missing).fill('0');
  const groups = [...head, ...zeros, ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function prefixLength(text: string, max: number): number | undefined {
  if (!/^\d{1,3}$/.test(text)) return undefined;
  const bits = Number(text);
  return bits <= max ? bits : undefined;
}

function sameBits(left: readonly number[], right: readonly number[], bits: number): boolean {
  for (let index = 0, rest = bits; rest > 0; index++, rest -= 8) {
    const mask = rest >= 8 ? 0xff : (0xff << (8 - rest)) & 0xff;
    if (((left[index] ?? 0) & mask) !== ((right[index] ?? 0) & mask)) return false;
  }
  return true;
}
