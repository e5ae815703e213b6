import { createHash } from 'node:crypto';
import { pipeline, Transform, type Readable } from 'node:stream';
import { DcdgetError } from '../domain/errors.ts';
import { brokenOff, openHttps, type Fetching } from './https.ts';
import { MAX_SOURCE_BYTES, tooLarge } from './limited.ts';

const GZIP = [0x1f, 0x8b];

export type ArchivePlace = {
  /** A secret: it may hold a signature. */
  url: string;
  /** Its sha256 in hex, when it is known beforehand. */
  checksum: string | null;
};

/**
 * Hands an archive on as it comes. What is too large, no gzip or not what its checksum says breaks the stream, so that
 * nothing is kept. Throws source_invalid, unavailable, and what `write` threw.
 */
export async function fetchArchive(
  { url, checksum }: ArchivePlace,
  write: (archive: Readable) => Promise<void>,
  fetching: Fetching,
  maxBytes = MAX_SOURCE_BYTES,
): Promise<void> {
  const { response, url: at } = await openHttps(new URL(url), null, fetching);
  const stream = checked(checksum, maxBytes);
  let broken: Error | null = null;
  stream.once('error', (error) => (broken = brokenOff(at, error, fetching.signal)));
  const announced = Number(response.headers['content-length'] ?? 0);
  pipeline(response, stream, () => undefined);
  if (announced > maxBytes) stream.destroy(asSource(tooLarge(maxBytes)));
  try {
    await write(stream);
  } catch (error) {
    throw broken ?? error;
  } finally {
    response.destroy();
  }
}

function checked(checksum: string | null, maxBytes: number): Transform {
  const hash = createHash('sha256');
  let bytes = 0;
  let head: number[] = [];
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (head.length < GZIP.length) head = [...head, ...chunk.subarray(0, GZIP.length)].slice(0, GZIP.length);
      hash.update(chunk);
      if (bytes > maxBytes) done(asSource(tooLarge(maxBytes)));
      else if (head.some((byte, index) => byte !== GZIP[index])) done(noArchive());
      else done(null, chunk);
    },
    flush(done) {
      if (head.length < GZIP.length) done(noArchive());
      else done(checksum === null ? null : differs(checksum, hash.digest('hex')));
    },
  });
}

/** Null when they are the same. */
export function differs(wanted: string, found: string): DcdgetError | null {
  if (wanted === found) return null;
  return new DcdgetError('source_invalid', `The source has the checksum SHA256:${found}, not the one that was given.`);
}

function noArchive(): DcdgetError {
  return new DcdgetError('source_invalid', 'What the address gives is no gzip-compressed tar archive.');
}

function asSource({ message, hint }: DcdgetError): DcdgetError {
  return new DcdgetError('source_invalid', message, hint === undefined ? {} : { hint });
}
