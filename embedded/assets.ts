import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DcdgetError } from '../domain/errors.ts';
import { run } from './commands.ts';
import { goEnvironment, goPath } from './go.ts';
import { withLock } from './locks.ts';
import type { Say } from './progress.ts';

const ROOT = join(import.meta.dirname, '..');
const BUILD_TIMEOUT_MS = 10 * 60_000;

type Asset = { name: string; extension: string; script: string; sources: string[] };

const PS_DOCK: Asset = { name: 'ps-dock', extension: '', script: 'ps-dock/build.sh', sources: ['ps-dock/**/*'] };

const PACKMAN: Asset = {
  name: 'packman',
  extension: '.tar.zst',
  script: 'packman/build.sh',
  sources: [
    '{packman,domain,config,objects}/**/*',
    'buildpacks/**/*',
    'package-lock.json',
    'node_modules/node/package.json',
  ],
};

/** Files that servers fetch, built from this checkout and kept by the hash of their sources. */
export async function buildAssets(cacheFolder: string, say: Say): Promise<{ psDock: string; packman: string }> {
  const [psDock, packman] = await Promise.all([built(PS_DOCK, cacheFolder, say), built(PACKMAN, cacheFolder, say)]);
  return { psDock, packman };
}

/** The Node binary that this process runs, which servers get too. */
export function nodeBinary(): string {
  return realpathSync(process.execPath);
}

async function built(asset: Asset, cacheFolder: string, say: Say): Promise<string> {
  const script = join(ROOT, asset.script);
  if (!existsSync(script)) throw new DcdgetError('unavailable', `${asset.script} is missing from this checkout`);
  const file = join(cacheFolder, 'assets', `${asset.name}-${sourcesHash(asset.sources)}${asset.extension}`);
  if (existsSync(file)) return file;
  const lock = { timeoutMs: BUILD_TIMEOUT_MS, busy: `another process has been building ${asset.name} for too long` };
  await withLock(join(cacheFolder, 'assets', `.${asset.name}.lock`), lock, async () => {
    if (!existsSync(file)) await build(asset, script, file, cacheFolder, say);
  });
  return file;
}

async function build(asset: Asset, script: string, file: string, cacheFolder: string, say: Say): Promise<void> {
  say(`building ${asset.name}`);
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = join(dirname(file), `.${asset.name}.tmp${asset.extension}`);
  rmSync(unfinished, { force: true });
  const path = asset === PS_DOCK ? await goPath(cacheFolder) : process.env['PATH'];
  await run({
    command: script,
    args: [unfinished],
    cwd: ROOT,
    env: { ...goEnvironment(), PATH: `${dirname(nodeBinary())}:${path}` },
    timeoutMs: BUILD_TIMEOUT_MS,
    onLine: say,
  });
  renameSync(unfinished, file);
}

function sourcesHash(patterns: readonly string[]): string {
  const hash = createHash('sha256');
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT }));
  for (const file of files.filter((path) => !path.endsWith('.test.ts')).toSorted()) {
    const path = join(ROOT, file);
    if (statSync(path).isFile()) hash.update(`${file}\0`).update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}
