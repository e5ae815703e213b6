import { open, statfs } from 'node:fs/promises';
import { DcdgetError } from '../domain/errors.ts';
import { command } from './command.ts';

const LEAST_MB = 256;

/**
 * A file system of its own in a sparse file: a build can fill it, never the server's
 * disk, and throwing it away is one unlink however many files a build makes.
 */
export async function mountBuildDisk(file: string, mountPoint: string, sizeMb: number): Promise<void> {
  await using handle = await open(file, 'wx', 0o600);
  await handle.truncate(sizeMb * 1024 * 1024);
  const features = ['-O', '^has_journal', '-E', 'lazy_itable_init=1,nodiscard'];
  await command('mkfs.ext4', ['-q', '-F', '-m', '0', '-i', '8192', ...features, file]);
  // Nothing in it has to survive the server: no write waits for the real disk.
  await command('mount', ['-t', 'ext4', '-o', 'loop,noatime,nosuid,nodev,barrier=0', file, mountPoint]);
}

/** Works for a folder that is not mounted (any more), too. */
export async function unmountBuildDisk(mountPoint: string): Promise<void> {
  await command('sh', ['-c', 'while mountpoint -q "$0"; do umount -l "$0" || exit; done', mountPoint]);
}

/** How large a build's disk may be now. Throws disk_full when too little is left for any build. */
export async function buildDiskMb(
  folder: string,
  limits: { diskMb: number; reserveMb: number; builds: number },
): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  const freeMb = Math.floor((bavail * bsize) / 1024 / 1024) - limits.reserveMb;
  const sizeMb = Math.min(limits.diskMb, Math.floor(freeMb / limits.builds));
  if (sizeMb >= LEAST_MB) return sizeMb;
  throw new DcdgetError(
    'disk_full',
    `The build server's disk is full: ${Math.max(freeMb, 0)} MB are left to build in.`,
  );
}

/** A server that is itself a container has no loop devices but those it makes. */
export async function ensureLoopDevices(): Promise<void> {
  await command('sh', ['-c', LOOP_DEVICES]);
}

const LOOP_DEVICES = `
  [ -e /dev/loop-control ] || mknod -m 660 /dev/loop-control c 10 237
  for number in $(seq 0 31); do
    [ -e "/dev/loop$number" ] || mknod -m 660 "/dev/loop$number" b 7 "$number"
  done`;
