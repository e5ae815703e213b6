import { existsSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { run } from './commands.ts';

const TIMEOUT_MS = 10_000;

export function ip(...args: string[]): Promise<string> {
  return run({ command: 'ip', args, timeoutMs: TIMEOUT_MS });
}

export function nft(...args: string[]): Promise<string> {
  return run({ command: 'nft', args, timeoutMs: TIMEOUT_MS });
}

/** Network devices of this machine, by the folder in which the kernel shows them. */
export function hasDevice(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`);
}

/** A device that is gone already is as wanted; the kernel takes some away by itself, a moment later. */
export async function removeDevice(name: string): Promise<void> {
  if (!hasDevice(name)) return;
  try {
    await ip('link', 'delete', name);
  } catch (error) {
    if (hasDevice(name)) throw error;
  }
}

/** A hardware address that depends on the name alone, so that nobody keeps an outdated one. */
export function hardwareAddress(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex').slice(0, 10);
  return ['02', ...(hex.match(/../g) ?? [])].join(':');
}

/** A device name of at most 15 characters that nothing else on this machine has. */
export function deviceName(prefix: string, name: string): string {
  const hash = createHash('sha256').update(name).digest('hex');
  return `${prefix}${hash}`.slice(0, 15);
}

export function enableForwarding(): void {
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1\n');
}
