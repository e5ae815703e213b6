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
  const { push } = await store.branches.get(appId);
  if (push?.operationId !== operation.operationId) return;
  // Listed before the move: what a later push keeps there cannot be among it and the push still be this one.
  const kept = await listed(objects, bundlesPrefix(appId));
  const branch = await store.branches.move(appId, operation.operationId);
  if (branch === null) return;
  const needed = new Set(branch.head?.bundles.map((id) => bundleKey(appId, id)));
  // A release that is live does not wait for the object store: what is left is removed by the next push.
  await Promise.allSettled(kept.filter((key) => !needed.has(key)).map((key) => objects.removeAll(key)));
}

/** Removes what a push brought whose deploy has come to nothing; nothing for an operation that no push began. */
export async function dropPushed(
  { store, objects }: Pick<ActivityDeps, 'store' | 'objects'>,
  appId: string,
  operationId: string,
): Promise<void> {
  const { push, head } = await store.branches.get(appId);
  if (push?.operationId !== operationId || head?.bundles.includes(operationId)) return;
  // An end is told also while the object store is away: what is left is removed by the next push.
  await Promise.allSettled([objects.removeAll(bundleKey(appId, operationId))]);
}

async function listed(objects: ActivityDeps['objects'], prefix: string): Promise<string[]> {
  try {
    return await objects.list(prefix);
  } catch {
    return [];
  }
}
