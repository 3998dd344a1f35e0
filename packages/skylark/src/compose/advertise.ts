/** Which address clients are told, when a server is bound to this one or to all. */
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { MqError, MqErrorCode } from '@skylarkmq/base';

export interface Advertised {
  /** The host that clients are told: an address or a name. */
  readonly host: string;
  /** The address that records and message ids carry: the host, or what its name stands for. */
  readonly ip: string;
  /** Whether our name server may tell them the host by which they reached it instead. */
  readonly auto: boolean;
}

const LOOPBACK = '127.0.0.1';
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** The address to bind; `localhost` is IPv4. INVALID_ARGUMENT for anything that is no address. */
export function bindAddress(flag: string | undefined): string {
  if (flag === undefined || flag === 'localhost') return LOOPBACK;
  if (isAddress(flag)) return flag;
  throw notAnAddress('--bind', flag, '127.0.0.1, 0.0.0.0 for all, or an address of this machine');
}

/**
 * `advertise` is an address, a name that resolves to one, or `auto` as if it were absent; `source`
 * is where it comes from. Records hold addresses only, so a name must resolve here, once.
 * INVALID_ARGUMENT for what clients cannot reach.
 */
export async function advertisedAddress(
  bind: string,
  advertise: string | undefined,
  source = '--advertise',
  resolveName: (name: string) => Promise<string> = addressOf,
): Promise<Advertised> {
  if (advertise !== undefined && advertise !== 'auto') {
    const host = advertise === 'localhost' ? LOOPBACK : advertise;
    if (ANY.has(host) || !(isAddress(host) || isName(host))) {
      const wanted = 'an IP address or a host name by which clients reach this machine';
      throw notAnAddress(source, advertise, wanted);
    }
    return {
      host,
      ip: isAddress(host) ? host : await resolved(source, host, resolveName),
      auto: false,
    };
  }
  const any = ANY.has(bind);
  const host = any ? (outsideAddress() ?? LOOPBACK) : bind;
  return { host, ip: host, auto: any || advertise === 'auto' };
}

/** By which address this very process reaches what is bound to `bind`. */
export function reachableAddress(bind: string): string {
  return ANY.has(bind) ? LOOPBACK : bind;
}

/** An IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  const parts = text.split('.');
  if (parts.length === 4)
    return parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  return text.length <= 45 && text.includes(':') && /^[0-9a-fA-F:.]+$/.test(text);
}

/** Whether an address reaches no further than this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** A host name; one whose last part is a number could only be a mistyped address. */
function isName(text: string): boolean {
  return (
    text.length <= 253 &&
    /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.?$/i.test(
      text,
    ) &&
    !/(^|\.)\d+\.?$/.test(text)
  );
}

async function resolved(
  source: string,
  name: string,
  resolveName: (name: string) => Promise<string>,
): Promise<string> {
  try {
    return await resolveName(name);
  } catch (error) {
    const reason = MqError.from(error).message;
    const message = `${source} names ${name}, which has no address here (${reason})`;
    throw new MqError(MqErrorCode.InvalidArgument, message);
  }
}

// IPv4 first: official clients of 4.x cannot read an IPv6 address in a message id.
async function addressOf(name: string): Promise<string> {
  const found = await lookup(name, { all: true });
  const best = found.find((one) => one.family === 4) ?? found[0];
  if (best === undefined) throw new MqError(MqErrorCode.InvalidArgument, 'no address');
  return best.address;
}

function outsideAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = all.filter((one) => !one.internal && !one.address.startsWith('fe80'));
  return (outside.find((one) => one.family === 'IPv4') ?? outside[0])?.address;
}

function notAnAddress(flag: string, value: string, wanted: string): MqError {
  const message = `${flag} must be ${wanted}, not ${JSON.stringify(value)}`;
  return new MqError(MqErrorCode.InvalidArgument, message);
}
