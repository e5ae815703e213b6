import { stat } from 'node:fs/promises';
import type { BuildLog } from './build-log.ts';
import { sha256Of, download, upload } from './transfer.ts';
import { DcdgetError } from '../domain/errors.ts';

export type CacheUrls = { getUrl: string; putUrl: string };

/** Brings what the app's last build left; tells its sha256, or undefined for a first build. */
export async function fetchCache(
  cache: CacheUrls | undefined,
  file: string,
  maxMb: number,
  log: BuildLog,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!cache) return undefined;
  try {
    return await download({ what: 'build cache', url: cache.getUrl, file, maxMb }, signal);
  } catch (error) {
    return withoutCache(error, 'The build cache of the last build cannot be had; building without it.', log, signal);
  }
}

/** Keeps what the build left in its cache folder, unless that is what it found there. */
export async function saveCache(
  cache: CacheUrls | undefined,
  file: string,
  previous: string | undefined,
  maxMb: number,
  log: BuildLog,
  signal: AbortSignal,
): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (!cache || !found || (await sha256Of(file)) === previous) return;
  if (found.size > maxMb * 1024 * 1024) {
    log.note(`The build cache is not kept: it is larger than ${maxMb} MB.`);
    return;
  }
  try {
    await upload('build cache', file, cache.putUrl, signal);
  } catch (error) {
    withoutCache(error, 'The build cache could not be kept; the next build starts without it.', log, signal);
  }
}

/** A cache only saves time: no build fails for want of it. */
function withoutCache(error: unknown, sentence: string, log: BuildLog, signal: AbortSignal): undefined {
  signal.throwIfAborted();
  if (!(error instanceof DcdgetError)) throw error;
  log.note(sentence);
  return undefined;
}
