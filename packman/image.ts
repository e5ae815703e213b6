import { randomBytes } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DcdgetError } from '../domain/errors.ts';
import { command } from './command.ts';
import { download } from './transfer.ts';

const MAX_IMAGE_MB = 8192;
const UNPACK_TIMEOUT_MS = 300_000;

export type ImageSource = { url: string; sha256: string; token?: string };

/** The unpacked base image of that version, brought when this server has not got it. */
export async function ensureImage(
  { imagesFolder, bundleFolder }: { imagesFolder: string; bundleFolder: string },
  version: string,
  source: ImageSource | undefined,
  signal: AbortSignal,
): Promise<string> {
  const image = join(imagesFolder, version);
  const rootfs = join(image, 'rootfs');
  if (await isThere(rootfs)) return rootfs;
  if (!source) throw new DcdgetError('build_server_failed', `Base image ${version} is not on the build server.`);
  const brought = join(imagesFolder, `.${version}.${randomBytes(6).toString('hex')}`);
  try {
    await bring(source, brought, join(bundleFolder, 'container/unpack-image.sh'), signal);
    await mkdir(image, { recursive: true });
    await placed(join(brought, 'rootfs'), rootfs);
  } finally {
    await rm(brought, { recursive: true, force: true });
  }
  return rootfs;
}

async function bring(source: ImageSource, folder: string, script: string, signal: AbortSignal): Promise<void> {
  await mkdir(join(folder, 'rootfs'), { recursive: true });
  const archive = join(folder, 'image.tar.zst');
  const sha256 = await download({ what: 'base image', ...source, file: archive, maxMb: MAX_IMAGE_MB }, signal);
  if (sha256 !== source.sha256) {
    throw new DcdgetError(
      'storage_failed',
      'The base image is missing or damaged: its sha256 is not the expected one.',
    );
  }
  await unpackShifted(script, archive, join(folder, 'rootfs'));
  await rm(archive);
}

/** Unpacks as the root of a container: owners land in the range that containers have. */
async function unpackShifted(script: string, archive: string, rootfs: string): Promise<void> {
  await command('bash', ['--noprofile', '--norc', script, archive, rootfs], UNPACK_TIMEOUT_MS);
}

/** Somebody else may have placed the same image meanwhile: then theirs stays. */
async function placed(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!(await isThere(to))) throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
