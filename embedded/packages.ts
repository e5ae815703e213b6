import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages, SERVER_PACKAGES } from './apt.ts';
import { readyBinary } from './binaries.ts';
import { hasGo } from './go.ts';
import { postgresPrograms } from './postgres.ts';
import type { Say } from './progress.ts';

const CHECK_PACKAGES = ['bats', 'git', 'shellcheck'];

/** Installs the Debian packages that are needed here and missing, saying which. */
export async function ensureMachinePackages(
  cacheFolder: string,
  { store, check }: { store: boolean; check: boolean },
  say: Say,
): Promise<void> {
  const names = [...SERVER_PACKAGES, ...(check ? CHECK_PACKAGES : [])];
  if (store && !postgresPrograms()) names.push('postgresql');
  if ((check || !hasBuilt(cacheFolder)) && !(await hasGo(cacheFolder))) names.push('golang-go');
  await withoutCluster(() => ensurePackages(names, say));
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
