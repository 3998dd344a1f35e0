import { MqError, MqErrorCode } from '@skylarkmq/base';

const NAME_SERVERS_MAX = 64;
const PORT_MAX = 65_535;

/**
 * The addresses in a name server option: a list, or one text with `;` or `,` between them, each
 * `host:port` (`[v6]:port` for IPv6), an `http://` in front is ignored. Never empty.
 */
export function parseNameServers(option: string | readonly string[]): readonly string[] {
  const texts = typeof option === 'string' ? [option] : option;
  const addresses = new Set<string>();
  if (!Array.isArray(texts)) {
    const text = `Option namesrv must be host:port, not ${String(option)}`;
    throw new MqError(MqErrorCode.InvalidArgument, text);
  }
  for (const text of texts) {
    for (const part of text.split(/[;,]/)) {
      const address = part.trim();
      if (address !== '') addresses.add(checkAddress(address));
    }
  }
  if (addresses.size === 0) {
    throw new MqError(MqErrorCode.InvalidArgument, 'Option namesrv must name a name server');
  }
  if (addresses.size > NAME_SERVERS_MAX) {
    throw new MqError(
      MqErrorCode.InvalidArgument,
      `Option namesrv names ${addresses.size} servers, at most ${NAME_SERVERS_MAX} are allowed`,
    );
  }
  return [...addresses];
}

function checkAddress(text: string): string {
  const scheme = text.startsWith('http://') ? 'http://'.length : 0;
  const address = text.slice(scheme);
  const colon = address.lastIndexOf(':');
  const port = Number(address.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port) || port < 1 || port > PORT_MAX) {
    throw new MqError(
      MqErrorCode.InvalidArgument,
      `Option namesrv must be host:port, not ${JSON.stringify(text)}`,
    );
  }
  return address;
}
