import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { DcdgetError, invalid } from '../domain/errors.ts';

/** A place that an operator allows although it is not public; null: any. */
type Allowed = { name: string | null; network: BlockList | null; port: number | null };

/** Resolves a name to addresses. */
type Resolve = (host: string) => Promise<string[]>;

/** Decides where sources may be fetched from. */
export type Gate = {
  /** Throws invalid_params for an address that is written out and closed. Names are looked up when they are fetched. */
  assertOpen(url: string, field: string): void;
  /** The addresses to connect to, each of them open. Throws source_invalid, and unavailable when names cannot be asked. */
  addressesOf(url: URL): Promise<string[]>;
};

const HTTPS_PORT = 443;
const ENTRY = /^(?:\[([0-9a-f:.]+)\]|([^:/[\]]+))(?:\/(\d{1,3}))?(?::(\d{1,5}))?$/i;

/** Addresses that are nobody's on the internet, by the registries of special addresses. */
const CLOSED_IPV4 = networks('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]);
/** Of IPv6 only this is given out, and of it these lead elsewhere: Teredo and its like, examples, 6to4. */
const GIVEN_OUT_IPV6 = networks('ipv6', ['2000::/3']);
const CLOSED_IPV6 = networks('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

/**
 * Public addresses are open, but for those of the platform itself; what `allowed` lists is open too: names and
 * addresses, networks as ADDRESS/BITS, each with :PORT or for any. Throws invalid_params for a list that says
 * something else.
 */
export function createGate(
  allowed: readonly string[],
  /** Host names and addresses of the platform. */
  ownHosts: () => Promise<readonly string[]>,
  resolve: Resolve = resolveName,
  /** Of the operator, that lists what is allowed. */
  setting = 'SOURCE_ALLOWED_HOSTS',
): Gate {
  const hint = `An operator allows more places with ${setting}.`;
  const entries = allowed.map((text) => entryOf(text, setting));
  const refused = (sentence: string) => new DcdgetError('source_invalid', `Nothing goes there: ${sentence}`, { hint });

  return {
    assertOpen(text, field) {
      const url = new URL(text);
      const host = hostOf(url);
      if (isIP(host) !== 0 && !isPublic(host) && !isAllowed(url, [host])) {
        throw invalid(field, `leads to ${host}, which is not a public address. ${hint}`);
      }
    },

    async addressesOf(url) {
      const host = hostOf(url);
      const addresses = isIP(host) === 0 ? await named(host) : [host];
      if (isAllowed(url, addresses)) return addresses;
      const closed = addresses.find((address) => !isPublic(address));
      if (closed !== undefined) throw refused(`${host} leads to ${closed}, which is not a public address.`);
      const own = new Set((await Promise.all((await ownHosts()).map(quietly))).flat());
      if (addresses.some((address) => own.has(address))) throw refused(`${host} leads to dcdget itself.`);
      return addresses;
    },
  };

  async function named(host: string): Promise<string[]> {
    try {
      return await resolve(host);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOTFOUND') {
        throw new DcdgetError('unavailable', `The name ${host} could not be looked up.`, { cause });
      }
      throw new DcdgetError('source_invalid', `There is no host ${host}.`, { hint: 'Look at the address.', cause });
    }
  }

  async function quietly(host: string): Promise<string[]> {
    if (isIP(host) !== 0) return [host];
    try {
      return await resolve(host);
    } catch {
      // What has no address is not fetched from.
      return [];
    }
  }

  function isAllowed(url: URL, addresses: readonly string[]): boolean {
    const port = Number(url.port || HTTPS_PORT);
    return entries.some(
      (entry) =>
        (entry.port ?? port) === port &&
        (entry.name === hostOf(url) || (entry.network !== null && addresses.every((one) => holds(entry.network, one)))),
    );
  }
}

function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !holds(CLOSED_IPV4, address);
  return holds(GIVEN_OUT_IPV6, address) && !holds(CLOSED_IPV6, address);
}

function holds(list: BlockList | null, address: string): boolean {
  return list?.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6') ?? false;
}

function networks(family: 'ipv4' | 'ipv6', texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', bits = ''] = text.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function entryOf(text: string, setting: string): Allowed {
  const [, ipv6, other = '', bits, portText] = ENTRY.exec(text) ?? [];
  const host = (ipv6 ?? other).toLowerCase();
  const port = portText === undefined ? null : Number(portText);
  const family = isIP(host);
  const isRight = host !== '' && (family !== 0 || (ipv6 === undefined && bits === undefined)) && (port ?? 1) <= 65_535;
  if (!isRight || Number(bits ?? 0) > (family === 6 ? 128 : 32)) {
    throw invalid(setting, `holds ${text}, which is no name, address or network`);
  }
  if (family === 0) return { name: host, network: null, port };
  const whole = family === 6 ? 128 : 32;
  return { name: null, network: networks(family === 6 ? 'ipv6' : 'ipv4', [`${host}/${bits ?? whole}`]), port };
}

/** Without the brackets of IPv6, and without the dot at the end of a whole name. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

async function resolveName(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
