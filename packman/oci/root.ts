import { refused } from '../tar-header.ts';
import { folder, type RootTree } from './root-tree.ts';

/** What LXC and the platform mount; nothing of the image is seen there. */
const MOUNTED = ['.dcdget', 'dev', 'proc', 'shared', 'sys'];
const NEEDED = ['app', 'tmp', 'etc'];
const HOSTS = '127.0.0.1 localhost\n::1 localhost ip6-localhost\n';

/**
 * Makes places for what is mounted into a container, so that no name of the image decides where that goes, and the
 * folder in which the image's program starts.
 */
export function prepareRoot(tree: RootTree, directory: string): void {
  for (const name of MOUNTED) tree.remove(name);
  for (const name of MOUNTED.slice(1)) tree.place(name, folder());
  for (const name of NEEDED) if (tree.find(name) === undefined) tree.place(name, folder());
  if (tree.find('etc')?.kind !== 'folder') throw refused('its etc is not a folder');
  tree.place('etc/resolv.conf', { kind: 'own', mode: 0o644, text: '' });
  tree.place('etc/hosts', { kind: 'own', mode: 0o644, text: HOSTS });
  makeFolder(tree, directory);
}

/** Unless the image has something on the way: then that leads there, or the program does not start. */
function makeFolder(tree: RootTree, path: string): void {
  const parts = path.split('/').filter((part) => part !== '');
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const upper = parts.slice(0, depth).join('/');
    const node = tree.find(upper);
    if (node === undefined) tree.place(upper, folder());
    else if (node.kind !== 'folder') return;
  }
}
