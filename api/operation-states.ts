import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation, OperationState } from '../domain/operations.ts';
import type { Store } from '../store/store.ts';

const LOOK_EVERY_MS = 50;
const SETTLE_TIMEOUT_MS = 5_000;

/** The operation as soon as its state is one of those asked for; after 5 s as it then is. */
export async function settled(
  { operations }: Pick<Store, 'operations'>,
  id: string,
  isAwaited: (state: OperationState) => boolean,
): Promise<Operation> {
  const deadline = Date.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const operation = await operations.get(id);
    if (isAwaited(operation.state) || Date.now() > deadline) return operation;
    await sleep(LOOK_EVERY_MS);
  }
}
