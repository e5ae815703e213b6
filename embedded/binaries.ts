import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './commands.ts';
import { findGo, goEnvironment } from './go.ts';
import { withLock } from './locks.ts';

const BUILD_TIMEOUT_MS = 30 * 60_000;
const FERRETDB_SOURCE = join(import.meta.dirname, 'ferretdb');

export type BinaryName = 'temporal' | 'versitygw' | 'ferretdb';

type Binary = { version: string; module?: string; source?: string; pathName?: string };

const BINARIES: Readonly<Record<BinaryName, Binary>> = {
  // Later versions have a replace directive, which go install refuses.
  temporal: { version: 'v1.5.1', module: 'github.com/temporalio/cli/cmd/temporal', pathName: 'temporal' },
  versitygw: { version: 'v1.8.0', module: 'github.com/versity/versitygw/cmd/versitygw', pathName: 'versitygw' },
  ferretdb: { version: sourceVersion(FERRETDB_SOURCE), source: FERRETDB_SOURCE },
};

/** The file to run: one on PATH, else the one in the cache, which is built first when it is missing. */
export async function findBinary(name: BinaryName, cacheFolder: string, say: (line: string) => void): Promise<string> {
  const ready = readyBinary(name, cacheFolder);
  if (ready) return ready;
  const lock = { timeoutMs: BUILD_TIMEOUT_MS, busy: `another process has been building ${name} for too long` };
  return withLock(join(cacheFolder, 'bin', `.${name}.lock`), lock, async () => {
    if (!existsSync(cached(name, cacheFolder))) await build(name, cacheFolder, say);
    return cached(name, cacheFolder);
  });
}

/** Null when it would have to be built. */
export function readyBinary(name: BinaryName, cacheFolder: string): string | null {
  const { pathName } = BINARIES[name];
  const onPath = pathName ? findOnPath(pathName) : null;
  if (onPath) return onPath;
  return existsSync(cached(name, cacheFolder)) ? cached(name, cacheFolder) : null;
}

function cached(name: BinaryName, cacheFolder: string): string {
  return join(cacheFolder, 'bin', `${name}-${BINARIES[name].version}`);
}

async function build(name: BinaryName, cacheFolder: string, say: (line: string) => void): Promise<void> {
  const { module, version, source } = BINARIES[name];
  say(`building ${name} ${version}`);
  const go = await findGo(cacheFolder);
  mkdirSync(join(cacheFolder, 'bin'), { recursive: true });
  const target = mkdtempSync(join(cacheFolder, 'bin', `.${name}-`));
  try {
    await run({
      command: go,
      args: source ? ['build', '-o', join(target, name), '.'] : ['install', `${module}@${version}`],
      ...(source ? { cwd: source } : {}),
      env: { ...goEnvironment(), GOBIN: target },
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    renameSync(join(target, name), cached(name, cacheFolder));
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

function findOnPath(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function sourceVersion(folder: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).toSorted()) hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 12);
}
