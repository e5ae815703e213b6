import { unpacked, type Blob, type Budget } from './blobs.ts';
import type { Node, RootTree } from './root-tree.ts';
import { readTar } from './tar-reader.ts';
import { padding, tarHeader, TAR_END } from './tar-writer.ts';

/** Where a slug holds what it is. */
const TOP = 'app';

type Placed = { path: string; node: Node };

/**
 * The tree as a tar: folders first, then files in the order of the layers, symbolic links last, so that nothing is ever
 * written through one. `time` is that of all entries.
 */
export async function* rootArchive(
  tree: RootTree,
  layers: readonly Blob[],
  time: number,
  budget: Budget,
): AsyncGenerator<Buffer, void, void> {
  const placed = [...walk(TOP, tree.root)];
  yield tarHeader({ path: TOP, type: '5', mode: 0o755 }, time);
  for (const { path, node } of placed)
    if (node.kind === 'folder') yield tarHeader({ path, type: '5', mode: node.mode }, time);
  for (const { path, node } of placed) if (node.kind === 'own') yield* ownFile(path, node.mode, node.text, time);
  for (const [layer, { file }] of layers.entries()) {
    yield* filesOf(file, filePaths(placed, layer), time, budget);
  }
  for (const { path, node } of placed)
    if (node.kind === 'link') yield tarHeader({ path, type: '2', mode: 0o777, link: node.target }, time);
  yield TAR_END;
}

/** Entry of the layer → where its content is to be. */
function filePaths(placed: readonly Placed[], layer: number): Map<number, Placed[]> {
  const paths = new Map<number, Placed[]>();
  for (const one of placed) {
    if (one.node.kind !== 'file' || one.node.content.layer !== layer) continue;
    const { entry } = one.node.content;
    paths.set(entry, [...(paths.get(entry) ?? []), one]);
  }
  return paths;
}

async function* filesOf(
  file: string,
  wanted: ReadonlyMap<number, readonly Placed[]>,
  time: number,
  budget: Budget,
): AsyncGenerator<Buffer, void, void> {
  if (wanted.size === 0) return;
  let number = -1;
  for await (const { size, mode, content } of readTar(unpacked(file, budget))) {
    number += 1;
    const [first, ...others] = wanted.get(number) ?? [];
    if (first === undefined) continue;
    yield tarHeader({ path: first.path, type: '0', mode: mode & 0o777, size }, time);
    yield* content;
    yield padding(size);
    for (const { path } of others) yield tarHeader({ path, type: '1', mode: mode & 0o777, link: first.path }, time);
  }
}

function* ownFile(path: string, mode: number, text: string, time: number): Generator<Buffer, void, void> {
  const bytes = Buffer.from(text);
  yield tarHeader({ path, type: '0', mode, size: bytes.length }, time);
  yield bytes;
  yield padding(bytes.length);
}

/** A folder before what is in it, names in order. */
function* walk(path: string, node: Node): Generator<Placed, void, void> {
  if (node.kind !== 'folder') return;
  for (const [name, child] of [...node.children].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    yield { path: `${path}/${name}`, node: child };
    yield* walk(`${path}/${name}`, child);
  }
}
