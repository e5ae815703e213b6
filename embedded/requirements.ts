import { mkdirSync, statfsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { DcdgetError } from '../domain/errors.ts';

const GIB = 1024 ** 3;
const MEMORY_GIB = 3;

/** What a first run needs for the images, the builds and npm's and Go's caches; a later one only for apps and data. */
export const FIRST_RUN_DISK_GIB = 8;
export const LATER_RUN_DISK_GIB = 2;

/** Throws a sentence when the machine is too small. */
export function requireMachine(homeFolder: string, diskGib: number): void {
  mkdirSync(homeFolder, { recursive: true });
  requireDisk(homeFolder, diskGib);
  requireMemory(memoryBytes());
}

export function requireDisk(
  folder: string,
  diskGib: number,
  { bavail, bsize }: { bavail: number; bsize: number } = statfsSync(folder),
): void {
  const freeGib = (bavail * bsize) / GIB;
  if (freeGib >= diskGib) return;
  throw new DcdgetError('disk_full', `${folder} has ${freeGib.toFixed(1)} GiB free and ${diskGib} GiB are needed`, {
    hint: 'Make room, or set DCDGET_HOME to a folder on a larger disk.',
  });
}

export function requireMemory(bytes: number): void {
  // A machine sold as having 3 GB shows somewhat less.
  if (bytes >= (MEMORY_GIB - 0.2) * GIB) return;
  const gib = (bytes / GIB).toFixed(1);
  throw new DcdgetError('unavailable', `this machine has ${gib} GiB of memory and ${MEMORY_GIB} GiB are needed`);
}

/** What this process may use: the machine's memory, or less in a container with a limit. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
