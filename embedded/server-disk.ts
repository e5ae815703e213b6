import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { DcdgetError } from '../domain/errors.ts';
import { run } from './commands.ts';
import { waitFor } from './deadlines.ts';
import type { ServerKey } from './server-record.ts';

const DEFAULT_MB = 20 * 1024;
/** Few enough to be used up within seconds, enough for hundreds of apps. */
const BYTES_PER_INODE = '65536';
const UNMOUNT_TIMEOUT_MS = 15_000;
const FILES_AT_A_TIME = 2000;
const SMALLEST_CHUNK_BYTES = 4096;

export type Scarce = 'bytes' | 'inodes';

/** Where the server's /srv/dcdget is on this machine. */
export function dataFolder({ folder }: Pick<ServerKey, 'folder'>): string {
  return join(folder, 'data');
}

/** A file system of the server's own in a sparse file: it can be filled without filling this machine. */
export async function mountDisk(server: Pick<ServerKey, 'folder'>, diskMb = DEFAULT_MB): Promise<void> {
  const image = join(server.folder, 'data.ext4');
  if (!existsSync(image)) await makeDisk(image, diskMb);
  mkdirSync(dataFolder(server), { recursive: true });
  if (isMounted(server)) return;
  await run({ command: 'mount', args: ['-o', 'loop,noatime', image, dataFolder(server)], timeoutMs: 60_000 });
}

export async function unmountDisk(server: Pick<ServerKey, 'folder'>): Promise<void> {
  const deadline = { awaited: `${dataFolder(server)} to be free`, timeoutMs: UNMOUNT_TIMEOUT_MS };
  // The mounts of a server that ended go a moment later.
  await waitFor(deadline, async () => {
    if (!isMounted(server)) return true;
    await run({ command: 'umount', args: [dataFolder(server)], timeoutMs: 60_000 }).catch(onlyBusy);
    return null;
  });
}

function isMounted(server: Pick<ServerKey, 'folder'>): boolean {
  const folder = dataFolder(server);
  const lines = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return lines.some((line) => line.split(' ')[1]?.replaceAll('\\040', ' ') === folder);
}

/** Takes all that is left of the server's disk, until freeDisk. */
export async function fillDisk(server: Pick<ServerKey, 'folder'>, scarce: Scarce): Promise<void> {
  if (!isMounted(server)) throw new DcdgetError('conflict', 'the server is stopped, so its disk cannot be filled');
  const folder = fillFolder(server);
  mkdirSync(folder, { recursive: true });
  await (scarce === 'bytes' ? takeBytes(folder) : takeInodes(folder));
}

export function freeDisk(server: Pick<ServerKey, 'folder'>): void {
  rmSync(fillFolder(server), { recursive: true, force: true });
}

function fillFolder(server: Pick<ServerKey, 'folder'>): string {
  return join(dataFolder(server), '.fill');
}

async function makeDisk(image: string, diskMb: number): Promise<void> {
  const unfinished = `${image}.tmp`;
  rmSync(unfinished, { force: true });
  await writeFile(unfinished, '');
  await truncate(unfinished, diskMb * 1024 * 1024);
  const options = ['-q', '-m', '0', '-i', BYTES_PER_INODE, '-E', 'lazy_itable_init=1,lazy_journal_init=1,nodiscard'];
  await run({ command: 'mkfs.ext4', args: [...options, unfinished], timeoutMs: 60_000 });
  renameSync(unfinished, image);
}

/** Reserves blocks without writing them, in ever smaller pieces until not one is left. */
async function takeBytes(folder: string): Promise<void> {
  let sizeBytes = freeBytes(folder);
  for (let number = 0; freeBytes(folder) > 0 && sizeBytes >= SMALLEST_CHUNK_BYTES; number += 1) {
    const piece = join(folder, `bytes-${process.pid}-${number}`);
    const args = ['--length', String(sizeBytes), piece];
    // The file system needs some of the space for its own book-keeping.
    const isTaken = await run({ command: 'fallocate', args, timeoutMs: 60_000 }).then(
      () => true,
      () => false,
    );
    if (!isTaken) {
      rmSync(piece, { force: true });
      sizeBytes = Math.floor(sizeBytes / 2);
    } else sizeBytes = Math.max(SMALLEST_CHUNK_BYTES, Math.min(sizeBytes, freeBytes(folder)));
  }
}

async function takeInodes(folder: string): Promise<void> {
  for (let number = 0; ; number += 1) {
    if (number % FILES_AT_A_TIME === 0) await yieldToOthers();
    try {
      closeSync(openSync(join(folder, `inode-${process.pid}-${number}`), 'w'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function onlyBusy(error: unknown): void {
  if (error instanceof DcdgetError && error.output?.includes('busy')) return;
  throw error;
}
