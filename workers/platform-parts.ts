import { lookup } from 'node:dns/promises';
import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Address, Settings } from '../config/settings.ts';
import { DcdgetError } from '../domain/errors.ts';

const MONGODB_PORT = 27017;
const SSH_PORT = 22;
/** What a machine calls itself, or all of its addresses. */
const HERE = /^(?:127\.[\d.]+|0\.0\.0\.0|localhost|\[?::1?\]?)$/;
/** Each is a line for each of the ports on every server: a machine with more has bridges, one for a project. */
const MAX_ADDRESSES = 64;
/** The recipes' words: containers have no IPv6. */
const IPV4_OR_NAME = /^[A-Za-z0-9.-]+$/;

type Given = Pick<Settings, 'temporal' | 'store' | 'objects' | 'api' | 'streams' | 'rendezvous'>;

/** Those for which the packet rules of servers ask for parts (recipes/server/provision.sh). */
const PRIVATE = new BlockList();
PRIVATE.addSubnet('10.0.0.0', 8);
PRIVATE.addSubnet('100.64.0.0', 10);
PRIVATE.addSubnet('172.16.0.0', 12);
PRIVATE.addSubnet('192.168.0.0', 16);
PRIVATE.addSubnet('198.18.0.0', 15);
/** The bridge that every server has. */
const OF_CONTAINERS = /^10\.213\./;

/**
 * host:port of what the platform is made of: Temporal, the store, S3, what its own processes listen on, and SSH of the
 * machine that they are on. What this machine reaches at itself is named as servers reach it: by the host of PUBLIC_URL
 * and by the private ones of `addresses`, the IPv4 addresses of this machine.
 */
export function platformParts(
  { temporal, store, objects, api, streams, rendezvous }: Given,
  addresses: readonly string[] = addressesOfThisMachine(),
): string[] {
  const { hostname: here } = new URL(api.publicUrl);
  const parts = [
    ...pairs([temporal.address], 7233),
    ...pairs(storeHosts(store.url), MONGODB_PORT),
    ...[objects.endpoint, objects.publicEndpoint, api.publicUrl, streams.httpUrl].flatMap(ofUrl),
    ...[api.listen, streams.listen, streams.httpListen, rendezvous.listen].flat(),
    { host: 'localhost', port: SSH_PORT },
  ];
  const own = addresses.filter((address) => PRIVATE.check(address) && !OF_CONTAINERS.test(address));
  const names = [here, ...own.slice(0, MAX_ADDRESSES)];
  const told = parts
    .flatMap(({ host, port }) => (HERE.test(host) ? names : [host]).map((name) => ({ name, port })))
    .filter(({ name }) => IPV4_OR_NAME.test(name))
    .map(({ name, port }) => `${name}:${port}`);
  return [...new Set(told)].toSorted();
}

/** The same by the addresses that names have here now: servers need not know them. Throws unavailable. */
export async function partAddresses(parts: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    parts.map(async (part) => {
      const [host = '', port] = part.split(':');
      if (isIPv4(host)) return [part];
      try {
        return (await lookup(host, { family: 4, all: true })).map(({ address }) => `${address}:${port}`);
      } catch (cause) {
        throw new DcdgetError('unavailable', `${host}, where a part of the platform is, has no IPv4 address here`, {
          cause,
        });
      }
    }),
  );
  return [...new Set(found.flat())].toSorted();
}

function addressesOfThisMachine(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.flatMap(({ family, address }) => (family === 'IPv4' ? [address] : []));
}

/** Of `mongodb://user:password@a:1,b/name`; those that a name server lists (`mongodb+srv://`) are not known here. */
function storeHosts(url: string): string[] {
  const [, hosts = ''] = /^mongodb:\/\/(?:[^@/]*@)?([^/?]+)/.exec(url) ?? [];
  return hosts.split(',').filter((host) => host !== '');
}

function pairs(hosts: readonly string[], defaultPort: number): Address[] {
  return hosts.map((text) => {
    const [host = '', port = ''] = text.split(':');
    return { host, port: port === '' ? defaultPort : Number(port) };
  });
}

function ofUrl(url: string | null): Address[] {
  if (url === null) return [];
  const { hostname, port, protocol } = new URL(url);
  return [{ host: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) }];
}
