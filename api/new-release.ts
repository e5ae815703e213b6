import { randomUUID } from 'node:crypto';
import type { App } from '../domain/apps.ts';
import type { Release } from '../domain/releases.ts';
import type { User } from '../store/users.ts';

export type ReleaseFacts = Pick<
  Release,
  'version' | 'state' | 'description' | 'operationId' | 'configVersion' | 'buildId'
> &
  Partial<Pick<Release, 'slug'>>;

/** A release as the API numbers it: no formation yet, and no slug but that of a rollback. */
export function newRelease(app: App, user: User, facts: ReleaseFacts): Release {
  const now = new Date();
  return {
    id: randomUUID(),
    appId: app.id,
    user: { id: user.id, email: user.email },
    stack: app.stack,
    slug: null,
    formation: null,
    failure: null,
    createdAt: now,
    updatedAt: now,
    ...facts,
  };
}
