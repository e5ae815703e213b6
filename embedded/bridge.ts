import { BlockList } from 'node:net';
import { DcdgetError } from '../domain/errors.ts';
import { closeFirewall, openFirewall } from './bridge-firewall.ts';
import { enableForwarding, hardwareAddress, hasDevice, ip, nft, removeDevice } from './network-device.ts';
import { recordedServers } from './server-record.ts';

/** A network of simulated servers: `gateway` is this machine's own address on it, for example 198.18.0.1. */
export type Bridge = { name: string; gateway: string; prefixLength: 24 };

const NAME = /^dcd[a-z0-9-]{1,12}$/;

/** Set aside by RFC 2544 for tests of networks: nobody else's addresses. */
const TEST_NETWORK = new BlockList();
TEST_NETWORK.addSubnet('198.18.0.0', 15);

/**
 * Makes the bridge, or what is missing of it: address, forwarding, and masquerading of what leaves
 * this machine. Forwarding between networks stays switched on when the bridge is removed.
 */
export async function ensureBridge(bridge: Bridge): Promise<void> {
  assertOurs(bridge);
  const { name, gateway, prefixLength } = bridge;
  if (!hasDevice(name)) {
    await assertFree(bridge);
    // With an address of its own the bridge does not take that of whichever port comes or goes.
    await ip('link', 'add', name, 'address', hardwareAddress(name), 'type', 'bridge');
  }
  await ip('address', 'replace', `${gateway}/${prefixLength}`, 'dev', name);
  await ip('link', 'set', name, 'up');
  enableForwarding();
  await masquerade(bridge);
  await openFirewall(name);
}

/**
 * Removes the bridge with all its rules, unless a server is still on it: then it stays until that
 * server is gone too. What is missing already is no error.
 */
export async function removeBridge(name: string): Promise<void> {
  assertName(name);
  if (recordedServers().some(({ bridge }) => bridge.name === name)) return;
  await closeFirewall(name);
  if ((await tables()).includes(tableOf(name))) await nft('delete', 'table', 'ip', tableOf(name));
  await removeDevice(name);
}

/**
 * Throws unless what is sent to the address goes over the bridge and nowhere else. To be called
 * before any load is sent.
 */
export async function assertRouteOverBridge(address: string, bridge: Pick<Bridge, 'name'>): Promise<void> {
  if (!TEST_NETWORK.check(address)) {
    throw new DcdgetError('forbidden', `${address} is not in 198.18.0.0/15, so no load is sent to it`);
  }
  const [route] = JSON.parse(await ip('-j', 'route', 'get', address)) as { dev?: string; gateway?: string }[];
  if (route?.dev === bridge.name && route.gateway === undefined) return;
  const way = `${route?.dev ?? 'nowhere'}${route?.gateway ? ` by ${route.gateway}` : ''}`;
  throw new DcdgetError('forbidden', `${address} is reached over ${way}, not over ${bridge.name}, so no load is sent`);
}

/** The network in CIDR notation, for example 198.18.0.0/24. */
export function subnetOf({ gateway, prefixLength }: Bridge): string {
  return `${gateway.replace(/\d+$/, '0')}/${prefixLength}`;
}

function tableOf(bridgeName: string): string {
  return `dcdget-${bridgeName}`;
}

/** The rules of one bridge, as nft reads them; loading them again replaces them. */
export function masqueradeRules(bridge: Bridge): string {
  const table = tableOf(bridge.name);
  return `table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain postrouting {
    type nat hook postrouting priority 100
    ip saddr ${subnetOf(bridge)} oifname != "${bridge.name}" masquerade
  }
}
`;
}

async function masquerade(bridge: Bridge): Promise<void> {
  await nft(masqueradeRules(bridge));
}

async function tables(): Promise<string[]> {
  const lines = (await nft('list', 'tables')).split('\n');
  return lines.filter((line) => line.startsWith('table ip ')).map((line) => line.slice('table ip '.length));
}

function assertOurs(bridge: Bridge): void {
  assertName(bridge.name);
  if (TEST_NETWORK.check(bridge.gateway)) return;
  throw new DcdgetError('bad_request', `the bridge's address ${bridge.gateway} is not in 198.18.0.0/15`);
}

function assertName(name: string): void {
  if (NAME.test(name)) return;
  throw new DcdgetError('bad_request', `${name} cannot name a bridge: dcd and at most 12 letters or digits`);
}

async function assertFree(bridge: Bridge): Promise<void> {
  const routes = JSON.parse(await ip('-4', '-j', 'route', 'show', 'root', subnetOf(bridge))) as { dev: string }[];
  const [taken] = routes;
  if (!taken) return;
  throw new DcdgetError('conflict', `the network ${subnetOf(bridge)} is already that of ${taken.dev}`, {
    hint: `If nothing uses ${taken.dev} any more: ip link delete ${taken.dev}`,
  });
}
