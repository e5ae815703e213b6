import {
  BLOCK,
  extend,
  MAX_EXTENDED_HEADER_BYTES,
  merged,
  padded,
  readHeader,
  refused,
  safePath,
  type Extended,
  type Header,
} from '../tar-header.ts';

/** `path` is normal and stays inside; what of `content` is not read is passed over. */
export type TarEntry = Header & { content: AsyncIterable<Buffer> };

/** The entries of an uncompressed tar, one after the other. Throws source_invalid for what is no whole tar. */
export async function* readTar(chunks: AsyncIterable<Buffer>): AsyncGenerator<TarEntry, void, void> {
  const bytes = new Bytes(chunks);
  let extended: Extended = {};
  for (;;) {
    const block = await bytes.take(BLOCK);
    if (block === null || block.every((byte) => byte === 0)) break;
    const header = readHeader(block);
    if ('xgLK'.includes(header.type)) {
      if (header.size > MAX_EXTENDED_HEADER_BYTES) throw refused('it has an oversized extended header');
      extend(extended, header.type, ((await bytes.take(padded(header.size))) ?? cut()).subarray(0, header.size));
      continue;
    }
    const entry = merged(header, extended);
    extended = {};
    const size = '07'.includes(entry.type) ? entry.size : 0;
    const content = bytes.pass(padded(size), size);
    yield { ...entry, path: safePath(entry.path), size, content };
    for await (const rest of content) void rest;
  }
  // To the end: what is read is counted and hashed.
  await bytes.drain();
}

function cut(): never {
  throw refused('it ends in the middle of an entry');
}

/** A stream of chunks, by so many bytes. */
class Bytes {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Null at the end. */
  async take(count: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const part = await this.#some(missing);
      if (part === null) return missing === count ? null : cut();
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** The next `count` bytes, of which the first `wanted` are given. */
  async *pass(count: number, wanted: number): AsyncGenerator<Buffer, void, void> {
    let given = 0;
    while (given < count) {
      const part = (await this.#some(count - given)) ?? cut();
      const useful = part.subarray(0, Math.max(0, wanted - given));
      given += part.length;
      if (useful.length > 0) yield useful;
    }
  }

  async drain(): Promise<void> {
    while ((await this.#some(Number.POSITIVE_INFINITY)) !== null);
  }

  async #some(most: number): Promise<Buffer | null> {
    if (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return null;
      this.#rest = next.value;
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}
