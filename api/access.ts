import type { App } from '../domain/apps.ts';
import { DcdgetError, notFound } from '../domain/errors.ts';
import type { Operation } from '../domain/operations.ts';
import type { Store } from '../store/store.ts';
import type { User } from '../store/users.ts';

/** Throws not_found: for another user's app as for a missing one. */
export async function readableApp(store: Store, user: User, idOrName: string): Promise<App> {
  const app = await store.apps.find(idOrName);
  if (app === null || !isReadable(app, user)) throw notFound('app', idOrName);
  return app;
}

/** Throws not_found, and conflict while the app is being destroyed. */
export async function changeableApp(store: Store, user: User, idOrName: string): Promise<App> {
  const app = await readableApp(store, user, idOrName);
  if (app.state === 'destroying') {
    throw new DcdgetError('conflict', `App ${app.name} is being destroyed and takes no more changes.`);
  }
  return app;
}

export function isReadable(app: App, user: User): boolean {
  return app.owner.id === user.id;
}

/** Throws forbidden: servers belong to whoever runs this dcdget. */
export function assertOperator({ email, isOperator }: User): void {
  if (isOperator) return;
  throw new DcdgetError('forbidden', `Only an operator may add, set up or check servers, and ${email} is none.`, {
    hint: 'Ask the operator of this dcdget: the user whom DCDGET_FIRST_USER names at the start of the API is one.',
  });
}

export async function readableOperation(store: Store, user: User, id: string): Promise<Operation> {
  const operation = await store.operations.get(id);
  if (operation.actor.id !== user.id) throw notFound('operation', id);
  return operation;
}
