import { spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { BlockList } from 'node:net';
import { text } from 'node:stream/consumers';
import { DcdgetError } from '../domain/errors.ts';
import { SERVER_ENVIRONMENT } from './command.ts';
import type { CompileRequest } from './compile-request.ts';
import type { Settings } from './settings.ts';

const TIMEOUT_MS = 10_000;

/** What requests have named: `address . port`. It only grows, by an entry for each door of the platform. */
const closed = new Set<string>();

/** Addresses that only neighbours reach. A public one is open to everybody, and a registry may share it. */
const INSIDE = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
] as const) {
  INSIDE.addSubnet(network, prefix);
}

/**
 * Keeps builds from the ports inside the platform's own network that Packman itself is sent to: its API and its
 * object store. They ask for a token, but no build has business there. Written anew for each build, since others
 * may have flushed the rules.
 */
export async function closePlatformPorts({ network, limits }: Settings, request: CompileRequest): Promise<void> {
  for (const url of urlsOf(request)) for (const port of await portsOf(url)) closed.add(port);
  await load(rules(network, limits.builds, [...closed]));
}

export function rules(network: Settings['network'], builds: number, ports: readonly string[]): string {
  const head = 'table ip dcdget_builds\ndelete table ip dcdget_builds\n';
  if (ports.length === 0) return head;
  const octets = network.firstAddress.split('.');
  const last = [...octets.slice(0, 3), Number(octets[3]) + builds - 1].join('.');
  return `${head}table ip dcdget_builds {
  chain forward {
    type filter hook forward priority filter - 5; policy accept;
    iifname "${network.bridge}" ip saddr ${network.firstAddress}-${last} ip daddr . tcp dport { ${ports.join(', ')} } reject with tcp reset
  }
}
`;
}

function urlsOf({ source, slug, cache, image }: CompileRequest): URL[] {
  const texts = [source.url, slug.putUrl, cache?.getUrl, cache?.putUrl, image?.url];
  return texts.flatMap((url) => (url === undefined ? [] : new URL(url)));
}

export function isInside(address: string): boolean {
  return INSIDE.check(address);
}

async function portsOf({ hostname, port, protocol }: URL): Promise<string[]> {
  const addresses = await lookup(hostname, { family: 4, all: true }).catch(() => []);
  const inside = addresses.filter(({ address }) => isInside(address));
  return inside.map(({ address }) => `${address} . ${port || (protocol === 'https:' ? '443' : '80')}`);
}

async function load(ruleset: string): Promise<void> {
  const child = spawn('nft', ['-f', '-'], {
    env: SERVER_ENVIRONMENT,
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  child.stdin.end(ruleset);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [status, output] = await Promise.all([ended, text(child.stderr)]);
  if (status === 0) return;
  throw new DcdgetError('build_server_failed', 'The packet rules of builds could not be set.', { output });
}
