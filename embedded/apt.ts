import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { run } from './commands.ts';
import type { Say } from './progress.ts';

const INSTALL_TIMEOUT_MS = 15 * 60_000;
const POLICY_FILE = '/usr/sbin/policy-rc.d';

// Asks for the variable instead of always refusing: a file that a crash left behind refuses nothing.
const POLICY = `#!/bin/sh
# While dcdget installs packages, the daemons they bring are not started.
[ -z "$DCDGET_INSTALLS" ] || exit 101
exit 0
`;

/** Debian packages that simulated servers need on this machine. */
export const SERVER_PACKAGES: readonly string[] = [
  'ca-certificates',
  'debootstrap',
  'e2fsprogs',
  'iproute2',
  'lxc',
  'mount',
  'nftables',
  'openssh-client',
  'uidmap',
  'util-linux',
  'zstd',
];

/** Installs the packages that are missing, saying which. No daemon of theirs is started on this machine. */
export async function ensurePackages(names: readonly string[], say: Say): Promise<void> {
  const missing = await missingFrom(names);
  if (missing.length === 0) return;
  say(`installing ${missing.join(' ')}`);
  const options = ['-qq', '-y', '-o', 'DPkg::Lock::Timeout=300'];
  await apt([...options, 'update'], say);
  await withoutDaemons(() => apt([...options, '--no-install-recommends', 'install', ...missing], say));
}

async function missingFrom(names: readonly string[]): Promise<string[]> {
  const states = await run({
    command: 'dpkg-query',
    args: ['--show', '--showformat', '${binary:Package} ${db:Status-Status}\\n'],
    timeoutMs: 10_000,
  });
  return missingPackages(names, states);
}

/** `states` has a line `<package>[:<architecture>] <state>` for each package that dpkg knows. */
export function missingPackages(names: readonly string[], states: string): string[] {
  const installed = new Set(
    states
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([, state]) => state === 'installed')
      .map(([name = '']) => name.replace(/:.*$/, '')),
  );
  return names.filter((name) => !installed.has(name));
}

async function apt(args: readonly string[], say: Say): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', DCDGET_INSTALLS: '1' };
  await run({ command: 'apt-get', args, env, timeoutMs: INSTALL_TIMEOUT_MS, onLine: say });
}

async function withoutDaemons(install: () => Promise<void>): Promise<void> {
  // The machine's own policy, if it has one, is the operator's word.
  if (existsSync(POLICY_FILE)) return install();
  writeFileSync(POLICY_FILE, POLICY);
  chmodSync(POLICY_FILE, 0o755);
  try {
    await install();
  } finally {
    rmSync(POLICY_FILE, { force: true });
  }
}
