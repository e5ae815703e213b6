import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { DcdgetError } from '../domain/errors.ts';

const BLOCK = 512;
const MAX_EXTENDED_HEADER_BYTES = 1 << 20;
const MAX_PATH_BYTES = 4096;

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

type Header = { path: string; type: string; size: number; link: string };
type Extended = { path?: string; link?: string; size?: number };

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
    const entry = {
      ...header,
      path: this.#extended.path ?? header.path,
      link: this.#extended.link ?? header.link,
      size: this.#extended.size ?? header.size,
    };
    this.#extended = {};
    this.#admit(entry);
    this.#skip = '07'.includes(entry.type) ? padded(entry.size) : 0;
  }

  #takeExtension({ type, size }: { type: string; size: number }, block: Buffer): void {
    this.#extension = undefined;
    const content = block.subarray(0, size).toString('utf8');
    if (type === 'L') this.#extended.path = content.replace(/\0.*$/s, '');
    else if (type === 'K') this.#extended.link = content.replace(/\0.*$/s, '');
    else if (type === 'x') Object.assign(this.#extended, readExtended(content));
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

function readHeader(block: Buffer): Header {
  assertChecksum(block);
  const ustar = block.toString('latin1', 257, 262) === 'ustar';
  const prefix = ustar && block[263] !== 0x20 ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  const type = String.fromCharCode(block[156] || 0x30);
  // Tar before 1988 had no type for folders.
  const folder = type === '0' && name.endsWith('/');
  return {
    path: prefix ? `${prefix}/${name}` : name,
    type: folder ? '5' : type,
    size: number(block, 124, 12),
    link: text(block, 157, 100),
  };
}

function assertChecksum(block: Buffer): void {
  let sum = 8 * 0x20;
  for (let index = 0; index < BLOCK; index += 1) if (index < 148 || index >= 156) sum += block[index] ?? 0;
  if (sum !== number(block, 148, 8)) throw refused('it is not a tar archive');
}

function readExtended(content: string): Extended {
  const extended: Extended = {};
  // Lengths count bytes; the text is cut by them only as latin1.
  let rest = Buffer.from(content, 'utf8');
  while (rest.length > 0) {
    const length = Number(/^(\d{1,7}) /.exec(rest.toString('latin1', 0, 8))?.[1]);
    if (!(length > 0 && length <= rest.length)) throw refused('it has an unreadable extended header');
    const record = rest.toString('utf8', String(length).length + 1, length - 1);
    rest = rest.subarray(length);
    const [key, value] = [record.slice(0, record.indexOf('=')), record.slice(record.indexOf('=') + 1)];
    if (key.startsWith('GNU.sparse')) throw refused('it has a sparse file');
    if (key === 'path') extended.path = value;
    if (key === 'linkpath') extended.link = value;
    if (key === 'size') extended.size = decimal(value);
  }
  return extended;
}

function safePath(path: string): string {
  if (path.startsWith('/')) throw refused(`${shown(path)} is an absolute path`);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw refused(`${shown(path)} is a path that is too long`);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refused(`${shown(path)} leads out of the archive`);
  if (path.includes('\0')) throw refused(`${shown(path)} holds a NUL character`);
  return parts.join('/');
}

function text(block: Buffer, start: number, length: number): string {
  const end = block.indexOf(0, start);
  return block.toString('utf8', start, end === -1 || end > start + length ? start + length : end);
}

function number(block: Buffer, start: number, length: number): number {
  if ((block[start] ?? 0) & 0x80) throw refused('it has an entry of more than 8 GB');
  const digits = block
    .toString('latin1', start, start + length)
    .replace(/[\0 ]+$/, '')
    .trim();
  if (!/^[0-7]*$/.test(digits)) throw refused('it is not a tar archive');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function decimal(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw refused('it has an unreadable extended header');
  return Number(value);
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}

function refused(why: string): DcdgetError {
  return new DcdgetError('source_invalid', `The source archive is refused: ${why}.`);
}
