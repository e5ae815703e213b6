import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { DcdgetError } from '../../domain/errors.ts';
import type { BuildLog } from '../build-log.ts';
import type { Limits } from '../settings.ts';
import { assertSlugSize } from '../slug.ts';
import { download } from '../transfer.ts';
import { unpackBlobs, type Budget } from './blobs.ts';
import { readLayer } from './layer.ts';
import { findImage, type Image } from './manifest.ts';
import { prepareRoot } from './root.ts';
import { rootArchive } from './root-archive.ts';
import { RootTree } from './root-tree.ts';
import { defaultsOf, programOf, shownCommand } from './start.ts';
import type { ImageProgram } from '../../domain/releases.ts';

/** No more than a server unpacks of a slug. */
const MAX_UNPACKED_BYTES = 4 * 1024 * 1024 * 1024;
const EPOCH = 315_532_800;

export type CompiledImage = {
  slugFile: string;
  command: string;
  program: ImageProgram;
  configDefaults: Record<string, string>;
};

/**
 * Makes a slug of an image: its layers flattened into one file system, as a stream; nothing that the image names is ever
 * a file of the server. Throws source_invalid for what is no image, or one that must not be unpacked.
 */
export async function compileImage(
  source: { url: string; sha256: string },
  folder: string,
  { slugMb, diskMb, timeoutMs }: Pick<Limits, 'slugMb' | 'diskMb' | 'timeoutMs'>,
  log: BuildLog,
  cancelled: AbortSignal,
): Promise<CompiledImage> {
  const late = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([cancelled, late]);
  try {
    log.step('Reading the image');
    const archive = join(folder, 'image');
    const sha256 = await download({ what: 'image', url: source.url, file: archive, maxMb: slugMb }, signal);
    if (sha256 !== source.sha256)
      throw new DcdgetError('storage_failed', 'The image is damaged: its sha256 is not the expected one.');
    const bytes = Math.min(MAX_UNPACKED_BYTES, (diskMb / 2) * 1024 * 1024);
    const image = await findImage(await unpackBlobs(archive, folder, { bytes, signal }));
    return await flatten(image, folder, { bytes, signal }, timeOf(source.sha256), slugMb, log);
  } catch (error) {
    if (late.aborted && !cancelled.aborted)
      throw new DcdgetError('build_failed', `The image took longer than ${Math.round(timeoutMs / 60_000)} minutes.`);
    throw error;
  }
}

async function flatten(
  { config, layers }: Image,
  folder: string,
  { bytes, signal }: Budget,
  time: number,
  slugMb: number,
  log: BuildLog,
): Promise<CompiledImage> {
  const program = programOf(config);
  const { vars, leftOut } = defaultsOf(config);
  const tree = new RootTree();
  const budget = { bytes, signal };
  for (const [number, layer] of layers.entries()) tree.apply(await readLayer(layer, number, budget));
  log.note(`${layers.length} layers, each with the sha256 that the image names`);
  prepareRoot(tree, program.directory);
  tellOfConfig(config, leftOut, log);
  log.step('Compressing...');
  const slugFile = join(folder, 'slug.tar.zst');
  const blobs = layers.map(({ blob }) => blob);
  const archive = rootArchive(tree, blobs, time, { bytes, signal });
  await pipeline(Readable.from(archive), createZstdCompress(), createWriteStream(slugFile), { signal });
  await assertSlugSize(slugFile, slugMb, log);
  const command = shownCommand(program);
  log.step('Discovering process types');
  log.note(`The image starts web -> ${command}`);
  return { slugFile, command, program, configDefaults: vars };
}

function tellOfConfig({ User, ExposedPorts }: Image['config'], leftOut: readonly string[], log: BuildLog): void {
  if (leftOut.length > 0) log.note(`Left out of its environment, as the platform's own: ${leftOut.join(', ')}`);
  if (User) log.note(`Its user ${JSON.stringify(User)} is not heeded: all runs as uid 1000`);
  const ports = Object.keys(ExposedPorts ?? {});
  if (ports.length > 0)
    log.note(`It exposes ${ports.map((port) => JSON.stringify(port)).join(', ')}; it must listen on PORT`);
}

/** Of all files: one for each image, since web servers make their cache keys of size and time. */
function timeOf(sha256: string): number {
  return EPOCH + Number.parseInt(sha256.slice(0, 7), 16);
}
