import { DcdgetError } from '../domain/errors.ts';
import { inspectArchive, type ArchiveLimits } from './archive.ts';
import { download } from './transfer.ts';

const MAX_ENTRIES = 250_000;
const MAX_RATIO = 200;
const RATIO_COUNTS_FROM_BYTES = 256 * 1024 * 1024;

/** Brings the developer's archive and refuses one that is damaged or must not be unpacked. */
export async function fetchSource(
  source: { url: string; sha256: string },
  file: string,
  limits: { sourceMb: number; diskMb: number },
  signal: AbortSignal,
): Promise<void> {
  const sha256 = await download({ what: 'source archive', url: source.url, file, maxMb: limits.sourceMb }, signal);
  if (sha256 === undefined) throw new DcdgetError('storage_failed', 'The source archive is not in the storage.');
  if (sha256 !== source.sha256) {
    throw new DcdgetError('storage_failed', 'The source archive is damaged: its sha256 is not the expected one.');
  }
  await inspectArchive(file, archiveLimits(limits.diskMb));
}

/** Half of the disk at most, so that there is room left to build. */
function archiveLimits(diskMb: number): ArchiveLimits {
  return {
    maxEntries: MAX_ENTRIES,
    maxBytes: (diskMb / 2) * 1024 * 1024,
    maxRatio: MAX_RATIO,
    ratioCountsFromBytes: RATIO_COUNTS_FROM_BYTES,
  };
}
