import type { OperationInput } from '../domain/operations.ts';
import { bundleKey, bundlesPrefix } from '../objects/keys.ts';
import { idOf } from './context.ts';
import type { ActivityDeps } from './deps.ts';

/**
 * The branch is where the push wanted it, now that its release serves; nothing for an operation that no push began.
 * What only pushes before it needed is removed: no other push begins before this operation has ended.
 */
export async function moveBranch(
  { store, objects }: Pick<ActivityDeps, 'store' | 'objects'>,
  operation: OperationInput,
): Promise<void> {
  const appId = idOf(operation);
  const branch = await store.branches.move(appId, operation.operationId);
  if (branch === null) return;
  const needed = new Set(branch.head?.bundles.map((id) => bundleKey(appId, id)));
  const unneeded = (await objects.list(bundlesPrefix(appId))).filter((key) => !needed.has(key));
  for (const key of unneeded) await objects.removeAll(key);
}
