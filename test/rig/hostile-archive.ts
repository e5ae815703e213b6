import { gzipSync } from 'node:zlib';

export type Entry = { name: string; type?: string; link?: string; content?: string | Buffer; mode?: string };

const ENDS = 1024;

/** A tar.gz of just these entries, which no tar program would write. */
export function archiveOf(...entries: Entry[]): Buffer {
  return gzipSync(tarOf(...entries));
}

/** The same, not compressed. */
export function tarOf(...entries: Entry[]): Buffer {
  return Buffer.concat([...entries.flatMap(blocksOf), Buffer.alloc(ENDS)]);
}

/** A small archive of one file of zeros that is very large. */
export function bombOf(megabytes: number): Buffer {
  const zeros = Buffer.alloc(megabytes * 1024 * 1024);
  return gzipSync(Buffer.concat([headerOf({ name: 'zeros' }, zeros.length), zeros, Buffer.alloc(ENDS)]));
}

function blocksOf(entry: Entry): Buffer[] {
  const content = typeof entry.content === 'string' ? Buffer.from(entry.content) : (entry.content ?? Buffer.alloc(0));
  return [headerOf(entry, content.length), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}

function headerOf({ name, type = '0', link = '', mode = '0000644' }: Entry, bytes: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write(`${mode}\0`, 100);
  header.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(link, 157, 100);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
