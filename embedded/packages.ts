import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readyBinary } from './binaries.ts';
import { run } from './commands.ts';
import { hasGo } from './go.ts';
import { postgresPrograms } from './postgres.ts';
import type { Say } from './progress.ts';

const INSTALL_TIMEOUT_MS = 15 * 60_000;

/** Command → the Debian package that brings it. */
const PACKAGES: Readonly<Record<string, string>> = {
  'lxc-start': 'lxc',
  debootstrap: 'debootstrap',
  ip: 'iproute2',
  ss: 'iproute2',
  nft: 'nftables',
  zstd: 'zstd',
  curl: 'curl',
  flock: 'util-linux',
  setpriv: 'util-linux',
  'ssh-keygen': 'openssh-client',
  newuidmap: 'uidmap',
};

const CHECK_PACKAGES: Readonly<Record<string, string>> = { shellcheck: 'shellcheck', bats: 'bats', git: 'git' };

/** Debian packages that are needed here and not installed. */
export async function missingPackages(cacheFolder: string, { store, check }: { store: boolean; check: boolean }) {
  const wanted = Object.entries(check ? { ...PACKAGES, ...CHECK_PACKAGES } : PACKAGES);
  const missing = new Set(wanted.filter(([command]) => !isOnPath(command)).map(([, name]) => name));
  if (store && !postgresPrograms()) missing.add('postgresql');
  const needsGo = check || !hasBuilt(cacheFolder);
  if (needsGo && !(await hasGo(cacheFolder))) missing.add('golang-go');
  return [...missing].toSorted();
}

export async function installPackages(names: readonly string[], say: Say): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-qq', '-y', '-o', 'DPkg::Lock::Timeout=300'];
  await run({ command: 'apt-get', args: ['-qq', 'update'], env, timeoutMs: INSTALL_TIMEOUT_MS, onLine: say });
  const install = [...options, 'install', '--no-install-recommends', ...names];
  await withoutDatabase(() =>
    run({ command: 'apt-get', args: install, env, timeoutMs: INSTALL_TIMEOUT_MS, onLine: say }),
  );
}

/** PostgreSQL's package would make and start a database of its own, which nobody asked for. */
async function withoutDatabase(install: () => Promise<unknown>): Promise<void> {
  const folder = '/etc/postgresql-common/createcluster.d';
  const file = join(folder, 'dcdget.conf');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, 'create_main_cluster = false\n');
  try {
    await install();
  } finally {
    rmSync(file, { force: true });
  }
}

function hasBuilt(cacheFolder: string): boolean {
  return (['temporal', 'versitygw', 'ferretdb'] as const).every((name) => readyBinary(name, cacheFolder) !== null);
}

function isOnPath(command: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return [...folders, '/usr/sbin', '/sbin'].some((folder) => folder !== '' && existsSync(join(folder, command)));
}
