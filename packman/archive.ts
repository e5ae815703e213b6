import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { DcdgetError } from '../domain/errors.ts';
import {
  BLOCK,
  extend,
  MAX_EXTENDED_HEADER_BYTES,
  merged,
  padded,
  readHeader,
  refused,
  safePath,
  shown,
  type Extended,
  type Header,
} from './tar-header.ts';

export type ArchiveLimits = {
  maxEntries: number;
  maxBytes: number;
  maxRatio: number;
  /** Below this a high ratio proves nothing: a file of zeros may be part of an app. */
  ratioCountsFromBytes: number;
};
export type ArchiveFacts = { entries: number; bytes: number };

/** Reads a whole tar.gz and throws source_invalid, naming the entry, for one that must not be unpacked. */
export async function inspectArchive(file: string, limits: ArchiveLimits): Promise<ArchiveFacts> {
  const { size } = await stat(file);
  const inspection = new ArchiveInspection(size, limits);
  const gunzip = createGunzip();
  const archive = createReadStream(file, { highWaterMark: 1 << 18 }).on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of archive.pipe(gunzip)) inspection.push(chunk as Buffer);
  } catch (cause) {
    if (cause instanceof DcdgetError) throw cause;
    throw new DcdgetError('source_invalid', 'The source is not a whole gzip-compressed tar archive.', { cause });
  }
  return inspection.end();
}

/** A tar stream, header by header; contents are skipped as they come. */
class ArchiveInspection {
  readonly #compressedBytes: number;
  readonly #limits: ArchiveLimits;
  readonly #links = new Set<string>();
  #pending = Buffer.alloc(0);
  #skip = 0;
  #extension: { type: string; size: number } | undefined;
  #extended: Extended = {};
  #entries = 0;
  #bytes = 0;
  #ended = false;

  constructor(compressedBytes: number, limits: ArchiveLimits) {
    this.#compressedBytes = compressedBytes;
    this.#limits = limits;
  }

  push(chunk: Buffer): void {
    this.#count(chunk.length);
    const data = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    let offset = 0;
    while (!this.#ended) {
      const skipped = Math.min(this.#skip, data.length - offset);
      this.#skip -= skipped;
      offset += skipped;
      const wanted = this.#extension ? padded(this.#extension.size) : BLOCK;
      if (this.#skip > 0 || data.length - offset < wanted) break;
      this.#take(data.subarray(offset, offset + wanted));
      offset += wanted;
    }
    this.#pending = this.#ended ? Buffer.alloc(0) : Buffer.from(data.subarray(offset));
  }

  end(): ArchiveFacts {
    if (this.#skip > 0 || this.#pending.length > 0 || this.#extension)
      throw refused('it ends in the middle of an entry');
    if (this.#entries === 0) throw refused('it holds no files');
    return { entries: this.#entries, bytes: this.#bytes };
  }

  #count(length: number): void {
    this.#bytes += length;
    const { maxBytes, maxRatio, ratioCountsFromBytes } = this.#limits;
    if (this.#bytes > maxBytes) throw refused(`it unpacks to more than ${Math.floor(maxBytes / 1024 / 1024)} MB`);
    if (this.#bytes > ratioCountsFromBytes && this.#bytes > maxRatio * this.#compressedBytes) {
      throw refused(`it unpacks to more than ${maxRatio} times its size`);
    }
  }

  #take(block: Buffer): void {
    if (this.#extension) this.#takeExtension(this.#extension, block);
    else if (block.every((byte) => byte === 0)) this.#ended = true;
    else this.#takeHeader(readHeader(block));
  }

  #takeHeader(header: Header): void {
    if ('xgLK'.includes(header.type)) {
      if (header.size > MAX_EXTENDED_HEADER_BYTES) throw refused('it has an oversized extended header');
      this.#extension = { type: header.type, size: header.size };
      return;
    }
    const entry = merged(header, this.#extended);
    this.#extended = {};
    this.#admit(entry);
    this.#skip = '07'.includes(entry.type) ? padded(entry.size) : 0;
  }

  #takeExtension({ type, size }: { type: string; size: number }, block: Buffer): void {
    this.#extension = undefined;
    extend(this.#extended, type, block.subarray(0, size));
  }

  #admit(entry: Header): void {
    this.#entries += 1;
    if (this.#entries > this.#limits.maxEntries) throw refused(`it has more than ${this.#limits.maxEntries} entries`);
    const path = safePath(entry.path);
    this.#assertNotThroughLink(path);
    switch (entry.type) {
      case '0':
      case '7':
      case '5':
        this.#links.delete(path);
        return;
      case '1':
        this.#assertNotThroughLink(`${safePath(entry.link)}/`);
        return;
      case '2':
        this.#links.add(path);
        return;
      default:
        throw refused(`${shown(path)} is neither a file, a folder nor a link`);
    }
  }

  /** A link followed by an entry "inside" it would be written wherever the link points. */
  #assertNotThroughLink(path: string): void {
    if (this.#links.size === 0) return;
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      if (this.#links.has(path.slice(0, slash))) throw refused(`${shown(path)} leads through a symbolic link`);
    }
  }
}
