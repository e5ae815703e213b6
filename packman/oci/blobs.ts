import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { DcdgetError } from '../../domain/errors.ts';
import { refused, shown } from '../tar-header.ts';
import { readTar } from './tar-reader.ts';

const MAX_BLOBS = 2000;
const MAX_JSON_BYTES = 4 * 1024 * 1024;
const CHUNK_BYTES = 1 << 18;

/** A file of the image, under a name of our own; its sha256 is that of what is there, not of what its name says. */
export type Blob = { file: string; sha256: string; bytes: number };
export type Blobs = ReadonlyMap<string, Blob>;

/** Bytes that all archives of an image may unpack to, counted down as they are read, and what ends the reading. */
export type Budget = { bytes: number; signal: AbortSignal };

/** Puts the files of a `docker save` or an OCI layout into the folder, by path in the archive. */
export async function unpackBlobs(archive: string, folder: string, budget: Budget): Promise<Blobs> {
  const blobs = new Map<string, Blob>();
  for await (const entry of readTar(unpacked(archive, budget))) {
    if (entry.type === '5') continue;
    if (!'07'.includes(entry.type)) throw refused(`${shown(entry.path)} is neither a file nor a folder`);
    if (blobs.size === MAX_BLOBS) throw refused(`it holds more than ${MAX_BLOBS} files, which no image does`);
    const file = join(folder, `blob.${blobs.size}`);
    const hash = createHash('sha256');
    await pipeline(Readable.from(seen(entry.content, hash)), createWriteStream(file));
    blobs.set(entry.path, { file, sha256: hash.digest('hex'), bytes: entry.size });
  }
  return blobs;
}

/** Reads a tar that may be compressed by gzip or zstd. */
export async function* unpacked(file: string, budget: Budget): AsyncGenerator<Buffer, void, void> {
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  const decompress = await decompressorOf(file);
  if (decompress) source.on('error', (error) => decompress.destroy(error));
  try {
    for await (const chunk of decompress ? source.pipe(decompress) : source) {
      budget.signal.throwIfAborted();
      budget.bytes -= (chunk as Buffer).length;
      if (budget.bytes < 0) throw refused('its layers unpack to more than an app may hold');
      yield chunk as Buffer;
    }
  } catch (cause) {
    if (cause instanceof DcdgetError || budget.signal.aborted) throw cause;
    throw new DcdgetError('source_invalid', 'The image is refused: a layer is not whole.', { cause });
  } finally {
    source.destroy();
    decompress?.destroy();
  }
}

export async function* seen(
  chunks: AsyncIterable<Buffer>,
  hash: { update: (chunk: Buffer) => unknown },
): AsyncGenerator<Buffer, void, void> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

export async function readJson(blob: Blob, what: string): Promise<unknown> {
  if (blob.bytes > MAX_JSON_BYTES) throw refused(`its ${what} is too large`);
  try {
    return JSON.parse(await readFile(blob.file, 'utf8')) as unknown;
  } catch {
    throw refused(`its ${what} is not JSON`);
  }
}

async function decompressorOf(file: string) {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  if (buffer[0] === 0x1f && buffer[1] === 0x8b) return createGunzip();
  return buffer.readUInt32LE(0) === 0xfd2fb528 ? createZstdDecompress() : null;
}
