import { refused, shown } from '../tar-header.ts';

/** Where a file's content is: the Nth entry of a layer. Hard links are nodes of the same content. */
export type Content = { layer: number; entry: number };
export type Node =
  | { kind: 'folder'; mode: number; children: Map<string, Node> }
  | { kind: 'file'; mode: number; content: Content }
  | { kind: 'link'; target: string }
  /** One of ours. */
  | { kind: 'own'; mode: number; text: string };

export type LayerEntry = { path: string; node: Node };
export type Layer = {
  /** Paths of lower layers that are gone. */
  removed: readonly string[];
  /** Folders of which nothing of lower layers is left. */
  emptied: readonly string[];
  entries: readonly LayerEntry[];
};

export const folder = (mode = 0o755): Node & { kind: 'folder' } => ({ kind: 'folder', mode, children: new Map() });

/** The file system that layers make, one over the other. */
export class RootTree {
  readonly root = folder();

  /** What the layer takes away is of lower layers, wherever in it that is said. */
  apply({ removed, emptied, entries }: Layer): void {
    for (const path of emptied) {
      const node = this.find(path);
      if (node?.kind === 'folder') node.children.clear();
    }
    for (const path of removed) this.remove(path);
    for (const { path, node } of entries) this.place(path, node);
  }

  find(path: string): Node | undefined {
    let node: Node | undefined = this.root;
    for (const part of partsOf(path)) node = node?.kind === 'folder' ? node.children.get(part) : undefined;
    return node;
  }

  remove(path: string): void {
    const parts = partsOf(path);
    const name = parts.pop();
    const parent = this.find(parts.join('/'));
    if (name !== undefined && parent?.kind === 'folder') parent.children.delete(name);
  }

  /** A folder over a folder keeps what is in it. Throws source_invalid when the path leads through something else. */
  place(path: string, node: Node): void {
    const parts = partsOf(path);
    const name = parts.pop();
    if (name === undefined) return;
    let parent: Node & { kind: 'folder' } = this.root;
    for (const part of parts) {
      const next = parent.children.get(part) ?? folder();
      if (next.kind !== 'folder') throw refused(`${shown(path)} leads through what is not a folder`);
      parent.children.set(part, next);
      parent = next;
    }
    const old = parent.children.get(name);
    if (node.kind === 'folder' && old?.kind === 'folder') old.mode = node.mode;
    else parent.children.set(name, node);
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}
