import { DcdgetError } from '../domain/errors.ts';

export const BLOCK = 512;
export const MAX_EXTENDED_HEADER_BYTES = 1 << 20;
const MAX_PATH_BYTES = 4096;

export type Header = { path: string; type: string; size: number; link: string; mode: number };
/** What a header of its own says of the entry after it. */
export type Extended = { path?: string; link?: string; size?: number };

/** Takes one header of type x, g, L or K into what is known of the entry after it. */
export function extend(extended: Extended, type: string, content: Buffer): void {
  const text = content.toString('utf8');
  if (type === 'L') extended.path = text.replace(/\0.*$/s, '');
  else if (type === 'K') extended.link = text.replace(/\0.*$/s, '');
  else if (type === 'x') Object.assign(extended, readPax(text));
}

/** The header with what those before it say. */
export function merged(header: Header, extended: Extended): Header {
  return {
    ...header,
    path: extended.path ?? header.path,
    link: extended.link ?? header.link,
    size: extended.size ?? header.size,
  };
}

export function readHeader(block: Buffer): Header {
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
    mode: (Number.parseInt(text(block, 100, 8).trim(), 8) || 0) & 0o7777,
  };
}

function assertChecksum(block: Buffer): void {
  let sum = 8 * 0x20;
  for (let index = 0; index < BLOCK; index += 1) if (index < 148 || index >= 156) sum += block[index] ?? 0;
  if (sum !== number(block, 148, 8)) throw refused('it is not a tar archive');
}

function readPax(content: string): Extended {
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

export function safePath(path: string): string {
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

export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

export function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}

export function refused(why: string): DcdgetError {
  return new DcdgetError('source_invalid', `The source archive is refused: ${why}.`);
}
