import type { Address, Settings } from '../config/settings.ts';

const MONGODB_PORT = 27017;
const SSH_PORT = 22;
/** What a machine calls itself, or all of its addresses. */
const HERE = /^(?:127\.[\d.]+|0\.0\.0\.0|localhost)$/;
/** The recipes' words: containers have no IPv6. */
const IPV4_OR_NAME = /^[A-Za-z0-9.-]+$/;

type Given = Pick<Settings, 'temporal' | 'store' | 'objects' | 'api' | 'streams' | 'rendezvous'>;

/**
 * host:port of what the platform is made of: Temporal, the store, S3, what its own processes listen on, and SSH of the
 * machine that they are on. What this machine reaches at itself is named as servers reach it.
 */
export function platformParts({ temporal, store, objects, api, streams, rendezvous }: Given): string[] {
  const { hostname: here } = new URL(api.publicUrl);
  const parts = [
    ...pairs([temporal.address], 7233),
    ...pairs(storeHosts(store.url), MONGODB_PORT),
    ...[objects.endpoint, objects.publicEndpoint, api.publicUrl, streams.httpUrl].flatMap(ofUrl),
    ...[api.listen, streams.listen, streams.httpListen, rendezvous.listen].flat(),
    { host: here, port: SSH_PORT },
  ];
  const told = parts
    .filter(({ host }) => IPV4_OR_NAME.test(host))
    .map(({ host, port }) => `${HERE.test(host) ? here : host}:${port}`);
  return [...new Set(told)].toSorted();
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
