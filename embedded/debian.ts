import { existsSync, readFileSync } from 'node:fs';
import { DcdgetError } from '../domain/errors.ts';
import { run } from './commands.ts';

/** Where this machine gets its Debian packages from; empty where debootstrap's own choice holds. */
export type Mirrors = { mirror: string; securityMirror: string };

const FORMAT = '$(ORIGIN)|$(LABEL)|$(REPO_URI)';
const RESOLVERS = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

export async function findMirrors(): Promise<Mirrors> {
  const known = () => run({ command: 'apt-get', args: ['indextargets', '--format', FORMAT], timeoutMs: 30_000 });
  const found = chooseMirrors(await known());
  if (found.mirror !== '') return found;
  // A machine that never fetched its package lists does not know what its sources are.
  await run({ command: 'apt-get', args: ['-qq', 'update'], timeoutMs: 300_000 });
  return chooseMirrors(await known());
}

/** `targets` has a line `<origin>|<label>|<address>` for each package list. */
export function chooseMirrors(targets: string): Mirrors {
  const rows = targets.split('\n').map((line) => line.split('|'));
  const addressOf = (wanted: string) =>
    rows.find(([origin, label]) => origin === 'Debian' && label === wanted)?.[2] ?? '';
  return { mirror: addressOf('Debian'), securityMirror: addressOf('Debian-Security') };
}

/** This machine's apt settings that must hold inside an image too: how to reach packages, and what is checked. */
export async function aptSettings(): Promise<string> {
  const settings = await run({ command: 'apt-config', args: ['dump'], timeoutMs: 30_000 });
  return inheritedSettings(settings);
}

export function inheritedSettings(dump: string): string {
  return dump
    .split('\n')
    .filter((line) => /^Acquire::(https?::(?!User-Agent)|Check-|Retries)/.test(line) && !line.endsWith(' "";'))
    .join('\n');
}

/** A resolv.conf whose name servers can be asked from another network namespace too. */
export function resolverFile(files: readonly string[] = RESOLVERS): string {
  const file = files.find((path) => existsSync(path) && hasDistantNameServer(readFileSync(path, 'utf8')));
  if (file) return file;
  throw new DcdgetError('unavailable', `no name server but this machine itself is named in ${files.join(' or ')}`, {
    hint: 'A simulated server cannot ask 127.0.0.1; name another server in /etc/resolv.conf.',
  });
}

export function hasDistantNameServer(resolvConf: string): boolean {
  return /^nameserver\s+(?!127\.|::1)\S/m.test(resolvConf);
}
