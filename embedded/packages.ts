import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages, SERVER_PACKAGES } from './apt.ts';
import { readyBinary } from './binaries.ts';
import { run } from './commands.ts';
import { hasGo } from './go.ts';
import { postgresPrograms } from './postgres.ts';
import type { Say } from './progress.ts';

/** What the API itself runs. */
const API_PACKAGES = ['git'];
const CHECK_PACKAGES = ['bats', 'shellcheck'];
/** For the check of the Vagrantfile. */
const VAGRANT_PACKAGES = ['vagrant', 'vagrant-lxc'];

/** Installs the Debian packages that are needed here and missing, saying which. */
export async function ensureMachinePackages(
  cacheFolder: string,
  { store, check }: { store: boolean; check: boolean },
  say: Say,
): Promise<void> {
  const names = [...SERVER_PACKAGES, ...API_PACKAGES, ...(check ? CHECK_PACKAGES : [])];
  if (store && !postgresPrograms()) names.push('postgresql');
  if ((check || !hasBuilt(cacheFolder)) && !(await hasGo(cacheFolder))) names.push('golang-go');
  await withoutCluster(() => ensurePackages(names, say));
  // Asked for once the lists are there: some releases of Ubuntu have none of them.
  if (check) await ensurePackages(await known(VAGRANT_PACKAGES), say);
}

async function known(names: readonly string[]): Promise<string[]> {
  const found = await run({ command: 'apt-cache', args: ['--names-only', 'search', '^vagrant'], timeoutMs: 20_000 });
  const available = new Set(found.split('\n').map((line) => line.split(' ')[0]));
  return names.filter((name) => available.has(name));
}

/** PostgreSQL's package would make a database of its own, which nobody asked for. */
async function withoutCluster(install: () => Promise<void>): Promise<void> {
  if (postgresPrograms()) return install();
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
