import type { Head } from '../../domain/branches.ts';
import { git, gitSaysYes } from '../../sources/git.ts';
import { call, type Snapshot } from '../../sources/tree.ts';
import { PUSHED_REF } from './repositories.ts';

const MOST_BUNDLES = 20;

/**
 * Writes what the push brings into a bundle at `file`, and says which bundles make up the branch after it; `file` is
 * not written when nothing is new. A history that was rewritten begins with a bundle of its own, and so does one of
 * many bundles.
 */
export async function bundleOf(
  snapshot: Snapshot,
  head: Head | null,
  { operationId, commit, file }: { operationId: string; commit: string; file: string },
): Promise<{ bundles: string[]; isForced: boolean; isWritten: boolean }> {
  if (head?.commit === commit) return { bundles: head.bundles, isForced: false, isWritten: false };
  const isForced = head !== null && !(await isAncestor(snapshot, head.commit, commit));
  const goesOn = head !== null && !isForced && head.bundles.length < MOST_BUNDLES;
  await git(['update-ref', PUSHED_REF, commit], call(snapshot));
  const since = goesOn ? [`^${head.commit}`] : [];
  await git(['bundle', 'create', '--quiet', file, PUSHED_REF, ...since], call(snapshot));
  return { bundles: [...(goesOn ? head.bundles : []), operationId], isForced, isWritten: true };
}

function isAncestor(snapshot: Snapshot, older: string, newer: string): Promise<boolean> {
  return gitSaysYes(['merge-base', '--is-ancestor', older, newer], call(snapshot));
}
