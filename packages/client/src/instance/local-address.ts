import { networkInterfaces } from 'node:os';

/**
 * The address of this machine that goes into client ids and message ids: a public IPv4 address,
 * else a private one, else the first public IPv6, else loopback.
 */
// RocketMQ: UtilAll#getIP
export function localAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = addresses.filter((address) => !address.internal);
  const ipv4 = outside.filter((address) => address.family === 'IPv4');
  const ipv6 = outside.filter((a) => a.family === 'IPv6' && !a.address.startsWith('fe80'));
  const found = ipv4.find((a) => !isPrivate(a.address)) ?? ipv4[0] ?? ipv6[0];
  return found?.address ?? '127.0.0.1';
}

function isPrivate(ipv4: string): boolean {
  const [first = 0, second = 0] = ipv4.split('.').map(Number);
  if (first === 10 || first === 127) return true;
  return (first === 172 && second >= 16 && second <= 31) || (first === 192 && second === 168);
}
