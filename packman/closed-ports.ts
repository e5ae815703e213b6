import { spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { BlockList, isIPv4 } from 'node:net';
import { text } from 'node:stream/consumers';
import { DcdgetError } from '../domain/errors.ts';
import { SERVER_ENVIRONMENT } from './command.ts';
import type { CompileRequest } from './compile-request.ts';
import type { Settings } from './settings.ts';

const TIMEOUT_MS = 10_000;
/** The operator's: how builds reach package registries, and what else inside the network they may reach. */
const REGISTRIES_FILE = '/etc/dcdget/registries';
const REACHABLE_FILE = '/etc/dcdget/builds-may-reach';
/** Read again by whoever makes the server's packet rules anew. */
const RULES_FILE = '/srv/dcdget/builds.nft';

/** Addresses that only neighbours reach: private, shared, of this machine, link-local, of benchmarks. */
const INSIDE_NETWORKS = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.18.0.0/15',
] as const;
const INSIDE = new BlockList();
for (const network of INSIDE_NETWORKS) {
  const [address = '', prefix] = network.split('/');
  INSIDE.addSubnet(address, Number(prefix));
}

/** In nft's words: networks and addresses, or `address . port` of TCP. */
export type Doors = Record<'closed' | 'ports' | 'networks' | 'resolvers', readonly string[]>;

/** What requests have named: `address . port`. It only grows, by an entry for each door of the platform. */
const closed = new Set<string>();

/**
 * Keeps builds from everything inside the network but name servers, package registries and what the operator allows; the
 * API and the object store that Packman itself is sent to stay closed in any case. Written anew for each build, since
 * addresses change and others may have flushed the rules.
 */
export async function closePrivateNetwork(
  { network }: Settings,
  request: CompileRequest,
  resolvConf: string,
): Promise<void> {
  for (const url of urlsOf(request)) for (const port of await portsOf(url)) closed.add(port);
  const registries = urlsIn(await textOf(REGISTRIES_FILE));
  const allowed = parseReachable(await textOf(REACHABLE_FILE));
  const ports = await Promise.all([...registries, ...allowed.doors].map(portsOf));
  const ruleset = rules(network, {
    closed: [...closed],
    ports: [...new Set(ports.flat())],
    networks: allowed.networks,
    resolvers: nameServersIn(await textOf(resolvConf)),
  });
  await writeFile(`${RULES_FILE}.new`, ruleset);
  await rename(`${RULES_FILE}.new`, RULES_FILE);
  await load(ruleset);
}

export function rules(network: Settings['network'], { closed: doors, ports, networks, resolvers }: Doors): string {
  const builds = network.firstAddress.replace(/\d+$/, '0/24');
  const lines = [
    'ct state established,related accept',
    ...only(doors, (list) => `ip daddr . tcp dport { ${list} } reject with tcp reset`),
    ...only(resolvers, (list) => `ip daddr { ${list} } meta l4proto { tcp, udp } th dport 53 accept`),
    ...only(ports, (list) => `ip daddr . tcp dport { ${list} } accept`),
    ...networks.map((allowed) => `ip daddr ${allowed} accept`),
    `ip daddr { ${INSIDE_NETWORKS.join(', ')} } reject with icmp type admin-prohibited`,
  ];
  return `table ip dcdget_builds
delete table ip dcdget_builds
table ip dcdget_builds {
  chain forward {
    type filter hook forward priority filter - 5; policy accept;
    iifname "${network.bridge}" ip saddr ${builds} jump build
  }
  chain build {
${lines.map((line) => `    ${line}\n`).join('')}  }
}
`;
}

function only(list: readonly string[], rule: (joined: string) => string): string[] {
  return list.length === 0 ? [] : [rule(list.join(', '))];
}

/** The addresses that lines `NAME=value` hold: those of registries, and of proxies on the way to them. */
export function urlsIn(settings: string): URL[] {
  const found = settings.match(/https?:\/\/[^\s,|"']+/g) ?? [];
  return found.filter((url) => URL.canParse(url)).map((url) => new URL(url));
}

/**
 * Lines of the operator: an address or a network (10.1.2.0/24), or a host with a port (mirror.internal:443); after # a
 * remark. Throws build_server_failed naming the line that is neither.
 */
export function parseReachable(lines: string): { networks: string[]; doors: URL[] } {
  const networks: string[] = [];
  const doors: URL[] = [];
  for (const [index, line] of lines.split('\n').entries()) {
    const word = line.replace(/#.*/, '').trim();
    if (word === '') continue;
    const [, address = '', prefix = '32'] = /^([\d.]+)(?:\/(\d{1,2}))?$/.exec(word) ?? [];
    const isDoor = /^[A-Za-z0-9.-]+:\d{1,5}$/.test(word) && URL.canParse(`http://${word}`);
    if (isIPv4(address) && Number(prefix) <= 32) networks.push(`${address}/${prefix}`);
    else if (isDoor) doors.push(new URL(`http://${word}`));
    else throw wrongLine(index + 1);
  }
  return { networks, doors };
}

function wrongLine(number: number): DcdgetError {
  const sentence = `Line ${number} of ${REACHABLE_FILE} on the build server is neither a network nor host:port.`;
  return new DcdgetError('build_server_failed', sentence);
}

function nameServersIn(resolvConf: string): string[] {
  const found = resolvConf.split('\n').map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? '');
  return found.filter((address) => isIPv4(address) && !address.startsWith('127.'));
}

function urlsOf({ source, slug, cache, image }: CompileRequest): URL[] {
  const texts = [source.url, slug.putUrl, cache?.getUrl, cache?.putUrl, image?.url];
  return texts.flatMap((url) => (url === undefined ? [] : new URL(url)));
}

export function isInside(address: string): boolean {
  return INSIDE.check(address);
}

/** A public address is open to everybody, and the platform's may be that of a registry, too. */
async function portsOf({ hostname, port, protocol }: URL): Promise<string[]> {
  const addresses = await lookup(hostname, { family: 4, all: true }).catch(() => []);
  const inside = addresses.filter(({ address }) => isInside(address));
  return inside.map(({ address }) => `${address} . ${port || (protocol === 'https:' ? '443' : '80')}`);
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
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
