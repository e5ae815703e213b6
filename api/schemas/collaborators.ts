import { Type, type Static } from 'typebox';
import type { App } from '../../domain/apps.ts';
import { AppReference, Literals, stableUuid, Timestamp, Uuid } from './primitives.ts';

export const CollaboratorShape = Type.Object({
  id: Uuid,
  app: AppReference,
  user: Type.Object({ id: Uuid, email: Type.String(), federated: Type.Boolean() }),
  role: Literals('admin', 'collaborator', 'member', 'owner'),
  permissions: Type.Array(Type.Object({ name: Type.String(), description: Type.String() })),
  created_at: Timestamp,
  updated_at: Timestamp,
});
export type CollaboratorShape = Static<typeof CollaboratorShape>;

export function ownerShape(app: App): CollaboratorShape {
  return {
    id: stableUuid(`collaborator ${app.id} ${app.owner.id}`),
    app: { id: app.id, name: app.name },
    user: { ...app.owner, federated: false },
    role: 'owner',
    permissions: [{ name: 'administer', description: 'Everything' }],
    created_at: app.createdAt.toISOString(),
    updated_at: app.createdAt.toISOString(),
  };
}
