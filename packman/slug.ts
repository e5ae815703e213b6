import { stat } from 'node:fs/promises';
import { DcdgetError } from '../domain/errors.ts';
import type { BuildLog } from './build-log.ts';
import { together } from './together.ts';
import { sha256Of, upload } from './transfer.ts';

export type PackedSlug = { digest: string; bytes: number };

export async function assertSlugSize(file: string, maxMb: number, log: BuildLog): Promise<void> {
  const { size } = await stat(file);
  if (size > maxMb * 1024 * 1024) {
    throw new DcdgetError('build_failed', `The slug is larger than ${maxMb} MB: ${megabytes(size)}.`);
  }
  log.note(`Done: ${megabytes(size)}`);
}

export async function saveSlug(file: string, putUrl: string, signal: AbortSignal): Promise<PackedSlug> {
  const { size } = await stat(file);
  const [digest] = await together(signal, (own) => [sha256Of(file), upload('slug', file, putUrl, own)]);
  return { digest, bytes: size };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)}M`;
}
