import { BLOCK, padded } from '../tar-header.ts';

const NAME_BYTES = 100;

export type Written = { path: string; type: '0' | '1' | '2' | '5'; mode: number; size?: number; link?: string };

/** The header of an entry that belongs to root; GNU's records before it where a name is long. */
export function tarHeader({ path, type, mode, size = 0, link = '' }: Written, time: number): Buffer {
  return Buffer.concat([...longName('L', path), ...longName('K', link), block(path, { type, mode, size, link, time })]);
}

export function padding(size: number): Buffer {
  return Buffer.alloc(padded(size) - size);
}

export const TAR_END = Buffer.alloc(2 * BLOCK);

function longName(type: 'L' | 'K', name: string): Buffer[] {
  const bytes = Buffer.from(`${name}\0`);
  if (bytes.length <= NAME_BYTES) return [];
  const head = block('././@LongLink', { type, mode: 0o644, size: bytes.length, link: '', time: 0 });
  return [head, bytes, padding(bytes.length)];
}

type Fields = { type: string; mode: number; size: number; link: string; time: number };

function block(path: string, { type, mode, size, link, time }: Fields): Buffer {
  const header = Buffer.alloc(BLOCK);
  Buffer.from(path).copy(header, 0, 0, NAME_BYTES);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(time, 12), 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  Buffer.from(link).copy(header, 157, 0, NAME_BYTES);
  header.write('ustar  \0', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 7)} `, 148);
  return header;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}
