import { createHash } from 'node:crypto';
import { refused, safePath, shown } from '../tar-header.ts';
import { seen, unpacked, type Blob, type Budget } from './blobs.ts';
import { folder, type Content, type Layer, type LayerEntry, type Node } from './root-tree.ts';
import { readTar, type TarEntry } from './tar-reader.ts';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
const MAX_ENTRIES = 250_000;

/** What a layer brings and takes away. Its unpacked bytes must have the sha256 that the image's config names. */
export async function readLayer(
  { blob, diffId }: { blob: Blob; diffId: string },
  layer: number,
  budget: Budget,
): Promise<Layer> {
  const hash = createHash('sha256');
  const reading = new LayerReading(layer);
  for await (const entry of readTar(seen(unpacked(blob.file, budget), hash))) reading.add(entry);
  if (hash.digest('hex') !== diffId) throw refused(`layer ${layer + 1} is not what the image's config says`);
  return reading;
}

class LayerReading implements Layer {
  readonly removed: string[] = [];
  readonly emptied: string[] = [];
  readonly entries: LayerEntry[] = [];
  readonly #layer: number;
  readonly #files = new Map<string, Node>();
  #count = 0;

  constructor(layer: number) {
    this.#layer = layer;
  }

  add(entry: TarEntry): void {
    if (this.#count === MAX_ENTRIES) throw refused(`a layer has more than ${MAX_ENTRIES} entries`);
    const content = { layer: this.#layer, entry: this.#count };
    this.#count += 1;
    const slash = entry.path.lastIndexOf('/');
    const [parent, name] = [entry.path.slice(0, Math.max(0, slash)), entry.path.slice(slash + 1)];
    if (name.startsWith(WHITEOUT)) this.#takeAway(entry, parent, name);
    else this.#bring(entry, content);
  }

  #takeAway(entry: TarEntry, parent: string, name: string): void {
    if (!'07'.includes(entry.type)) throw refused(`${shown(entry.path)} is a whiteout that is not a file`);
    if (name === OPAQUE) {
      this.emptied.push(parent);
      return;
    }
    const gone = name.slice(WHITEOUT.length);
    // Names of this kind were for the use of AUFS itself.
    if (gone.startsWith(WHITEOUT)) return;
    if (gone === '' || gone === '.' || gone === '..') throw refused(`${shown(entry.path)} is a whiteout of nothing`);
    this.removed.push(parent === '' ? gone : `${parent}/${gone}`);
  }

  #bring(entry: TarEntry, content: Content): void {
    const node = this.#nodeOf(entry, content);
    this.entries.push({ path: entry.path, node });
    if (node.kind === 'file') this.#files.set(entry.path, node);
    else this.#files.delete(entry.path);
  }

  #nodeOf(entry: TarEntry, content: Content): Node {
    // Set-user-ID bits and the like mean nothing where one user owns everything.
    const mode = entry.mode & 0o777;
    switch (entry.type) {
      case '0':
      case '7':
        return { kind: 'file', mode, content };
      case '5':
        return folder(mode);
      case '2':
        if (entry.link === '' || entry.link.includes('\0') || Buffer.byteLength(entry.link) > 4095)
          throw refused(`${shown(entry.path)} is a symbolic link to nothing`);
        return { kind: 'link', target: entry.link };
      case '1':
        return (
          this.#files.get(safePath(entry.link)) ??
          refuse(`${shown(entry.path)} is a link to what its layer does not hold`)
        );
      default:
        throw refused(`${shown(entry.path)} is neither a file, a folder nor a link`);
    }
  }
}

function refuse(why: string): never {
  throw refused(why);
}
