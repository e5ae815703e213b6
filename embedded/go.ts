import { chmodSync, existsSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { DcdgetError } from '../domain/errors.ts';
import { run } from './commands.ts';

/** The first Go that builds every embedded part, and the one that is fetched when the machine has none so new. */
const LEAST = [1, 25] as const;
const FETCHED = '1.25.5';

const KNOWN_PLACES = ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go'];

/**
 * The Go command to build with. A machine with an older one, such as Debian's, uses that to
 * fetch a newer toolchain through Go's module proxy, checked against Go's checksum database.
 */
export async function findGo(cacheFolder: string): Promise<string> {
  const found = await installedGo(cacheFolder);
  if (found.recent) return found.recent;
  if (!found.older) {
    throw new DcdgetError('unavailable', 'Go is not installed', { hint: 'Run apt-get install golang-go.' });
  }
  await fetchToolchain(found.older, cacheFolder);
  return fetchedGo(cacheFolder);
}

/** Whether a Go is there, be it only one that can fetch a newer one. */
export async function hasGo(cacheFolder: string): Promise<boolean> {
  const { recent, older } = await installedGo(cacheFolder);
  return (recent ?? older) !== undefined;
}

async function installedGo(cacheFolder: string): Promise<{ recent: string | undefined; older: string | undefined }> {
  const places = [...KNOWN_PLACES, fetchedGo(cacheFolder)];
  const versions = await Promise.all(places.map(version));
  return {
    recent: places.find((_, index) => isRecent(versions[index] ?? null)),
    older: places.find((_, index) => versions[index] !== null),
  };
}

function fetchedGo(cacheFolder: string): string {
  return join(cacheFolder, `go-${FETCHED}`, 'bin', 'go');
}

/** A PATH on which that Go is the first one. */
export async function goPath(cacheFolder: string): Promise<string> {
  const go = await findGo(cacheFolder);
  const path = process.env['PATH'] ?? '';
  return go.includes('/') ? `${dirname(go)}${delimiter}${path}` : path;
}

/** Only what a build needs: no C compiler, no switch to another toolchain, no VCS stamp. */
export function goEnvironment(): NodeJS.ProcessEnv {
  return {
    HOME: homedir(),
    ...process.env,
    CGO_ENABLED: '0',
    GOTOOLCHAIN: 'local',
    GOFLAGS: '-trimpath -buildvcs=false',
  };
}

async function version(go: string): Promise<readonly number[] | null> {
  if (go.includes('/') && !existsSync(go)) return null;
  const text = await run({ command: go, args: ['version'], timeoutMs: 20_000, env: goEnvironment() }).catch(
    (error: DcdgetError) => {
      if (go.includes('/')) throw error;
      return '';
    },
  );
  const match = /go(\d+)\.(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2])] : null;
}

function isRecent(found: readonly number[] | null): boolean {
  const [major = 0, minor = 0] = found ?? [];
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}

async function fetchToolchain(go: string, cacheFolder: string): Promise<void> {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const modules = join(cacheFolder, `go-${FETCHED}.tmp`);
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(modules, { recursive: true });
  const module = `golang.org/toolchain@v0.0.1-go${FETCHED}.linux-${arch}`;
  await run({
    command: go,
    args: ['mod', 'download', '-modcacherw', module],
    cwd: modules,
    timeoutMs: 600_000,
    env: { ...goEnvironment(), GOMODCACHE: modules, GOFLAGS: '' },
  });
  const tree = join(modules, module);
  // A module's files are stored without their right to be run.
  for (const file of globSync(`${tree}/{bin,pkg/tool/*}/*`)) chmodSync(file, 0o755);
  renameSync(tree, join(cacheFolder, `go-${FETCHED}`));
  rmSync(modules, { recursive: true, force: true });
}
