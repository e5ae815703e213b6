import { existsSync } from 'node:fs';
import { run } from './commands.ts';

const IPTABLES = ['/usr/sbin/iptables', '/sbin/iptables'].find((file) => existsSync(file));
const CHAINS = ['INPUT', 'FORWARD'] as const;

type Chain = (typeof CHAINS)[number];

/**
 * Lets the bridge's traffic through a firewall that drops what it does not know, as those of Docker
 * and ufw do. Where nothing is dropped, nothing is changed.
 */
export async function openFirewall(bridge: string): Promise<void> {
  for (const chain of CHAINS) {
    if (!(await isClosed(chain))) continue;
    for (const rule of rulesFor(chain, bridge)) {
      if (!(await hasRule(rule))) await iptables('--insert', ...rule);
    }
  }
}

export async function closeFirewall(bridge: string): Promise<void> {
  if (!IPTABLES) return;
  for (const rule of CHAINS.flatMap((chain) => rulesFor(chain, bridge))) {
    if (await hasRule(rule)) await iptables('--delete', ...rule);
  }
}

function rulesFor(chain: Chain, bridge: string): string[][] {
  const directions = chain === 'FORWARD' ? ['--in-interface', '--out-interface'] : ['--in-interface'];
  return directions.map((direction) => [chain, direction, bridge, '--jump', 'ACCEPT']);
}

async function isClosed(chain: Chain): Promise<boolean> {
  return IPTABLES !== undefined && (await iptables('--list-rules', chain)).includes(`-P ${chain} DROP`);
}

async function hasRule(rule: readonly string[]): Promise<boolean> {
  const [chain = '', direction, bridge = ''] = rule;
  const flag = direction === '--in-interface' ? '-i' : '-o';
  const lines = (await iptables('--list-rules', chain)).split('\n');
  return lines.includes(`-A ${chain} ${flag} ${bridge} -j ACCEPT`);
}

function iptables(...args: string[]): Promise<string> {
  return run({ command: IPTABLES ?? 'iptables', args: ['--wait', ...args], timeoutMs: 10_000 });
}
