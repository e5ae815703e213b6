import { chownSync, existsSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DcdgetError } from '../domain/errors.ts';
import { run } from './commands.ts';
import { processState, startProcess, stopProcess, waitForProcess } from './processes.ts';

const NAME = 'postgres';
/** The account that Debian's package makes; PostgreSQL refuses to run as root. */
const ACCOUNT = 'postgres';
// Sockets have a port number even though nothing listens on a port.
const PORT = '5432';

/**
 * PostgreSQL over a folder of its own, reached only through a socket in it that nobody but
 * root and its own account can open. Returns the URL.
 */
export async function startPostgres(folder: string, { throwaway }: { throwaway: boolean }): Promise<string> {
  const programs = postgresPrograms();
  if (!programs) throw new DcdgetError('unavailable', 'PostgreSQL is not installed');
  if (processState(folder, NAME) !== 'up') await boot(folder, programs, throwaway);
  const socket = join(folder, 'postgres', 'socket');
  await waitForProcess(folder, NAME, { awaited: 'PostgreSQL to accept connections', timeoutMs: 60_000 }, async () =>
    run({
      command: join(programs, 'pg_isready'),
      args: ['-q', '-h', socket, '-p', PORT, '-U', ACCOUNT],
      timeoutMs: 5000,
    }).then(
      () => true,
      () => null,
    ),
  );
  return `postgres:///postgres?host=${encodeURIComponent(socket)}&port=${PORT}&user=${ACCOUNT}&pool_max_conns=50`;
}

export async function stopPostgres(folder: string): Promise<void> {
  // SIGINT: running queries are given up, the data is left in order.
  await stopProcess(folder, NAME, { signal: 'SIGINT', graceMs: 30_000 });
}

/** The folder of the newest PostgreSQL's programs; null when there is none. */
export function postgresPrograms(): string | null {
  const found = globSync('/usr/lib/postgresql/*/bin/postgres').map((file) => file.slice(0, -'/postgres'.length));
  return found.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? null;
}

async function boot(folder: string, programs: string, throwaway: boolean): Promise<void> {
  const home = join(folder, 'postgres');
  if (Buffer.byteLength(join(home, 'socket', `.s.PGSQL.${PORT}`)) > 107) {
    throw new DcdgetError('unavailable', `the path ${home} is too long for a socket: set DCDGET_HOME to a shorter one`);
  }
  const { uid, gid } = await account();
  for (const path of [home, join(home, 'socket')]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chownSync(path, uid, gid);
  }
  if (!existsSync(join(home, 'data'))) await createCluster(home, programs);
  const settings = ['listen_addresses=', 'unix_socket_directories=/mnt/socket', `port=${PORT}`, 'max_connections=100'];
  // The tests' data need not survive the machine.
  if (throwaway) settings.push('fsync=off', 'synchronous_commit=off', 'full_page_writes=off');
  const args = [join(programs, 'postgres'), '-D', '/mnt/data', ...settings.flatMap((setting) => ['-c', setting])];
  await startProcess(folder, { name: NAME, ...asAccount(home, args) });
}

async function createCluster(home: string, programs: string): Promise<void> {
  rmSync(join(home, 'data.tmp'), { recursive: true, force: true });
  const args = ['-D', '/mnt/data.tmp', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', `--username=${ACCOUNT}`];
  await run({ ...asAccount(home, [join(programs, 'initdb'), '--no-sync', ...args]), timeoutMs: 120_000 });
  renameSync(join(home, 'data.tmp'), join(home, 'data'));
}

/**
 * The account need not be able to walk down to the folder, which may be below /root: the
 * process sees it as /mnt, in a mount namespace that ends with it.
 */
function asAccount(home: string, args: readonly string[]): { command: string; args: string[]; cwd: string } {
  const script = `mount --bind "$1" /mnt; cd /mnt; shift; exec setpriv --reuid=${ACCOUNT} --regid=${ACCOUNT} --clear-groups -- "$@"`;
  return {
    command: 'unshare',
    args: ['--mount', '--propagation', 'private', '--', 'sh', '-euc', script, 'sh', home, ...args],
    cwd: '/',
  };
}

async function account(): Promise<{ uid: number; gid: number }> {
  const ids = await Promise.all(
    ['-u', '-g'].map((flag) => run({ command: 'id', args: [flag, ACCOUNT], timeoutMs: 5000 })),
  );
  return { uid: Number(ids[0]), gid: Number(ids[1]) };
}
