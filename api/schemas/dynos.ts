import { Type, type Static } from 'typebox';
import type { App } from '../../domain/apps.ts';
import { assertNever } from '../../domain/errors.ts';
import { processName, type Instance, type InstanceState } from '../../domain/instances.ts';
import type { Release } from '../../domain/releases.ts';
import { AppReference, Literals, Nullable, Timestamp, Uuid } from './primitives.ts';

const DynoState = Literals('crashed', 'down', 'idle', 'starting', 'up');

export const DynoShape = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    type: Type.String(),
    state: DynoState,
    size: Type.String(),
    command: Type.String(),
    attach_url: Nullable(Type.String()),
    app: AppReference,
    release: Type.Object({ id: Uuid, version: Type.Integer() }),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { description: "An instance, by Heroku's word for it" },
);
export type DynoShape = Static<typeof DynoShape>;

export const DynoParams = Type.Object({
  app: Type.String({ maxLength: 64 }),
  dyno: Type.String({ maxLength: 64, description: 'Name (web.1) or id.' }),
});

export function dynoShape(app: App, instance: Instance, release: Release): DynoShape {
  return {
    id: instance.uuid,
    name: processName(instance),
    type: instance.type,
    state: dynoState(instance.state),
    size: instance.size,
    command: release.slug?.processTypes[instance.type] ?? '',
    attach_url: null,
    app: { id: app.id, name: app.name },
    release: { id: release.id, version: release.version },
    created_at: instance.createdAt.toISOString(),
    updated_at: instance.updatedAt.toISOString(),
  };
}

function dynoState(state: InstanceState): Static<typeof DynoState> {
  switch (state) {
    case 'reserved':
    case 'starting':
      return 'starting';
    case 'up':
      return 'up';
    case 'crashed':
      return 'crashed';
    case 'retiring':
    case 'ended':
      return 'down';
    default:
      return assertNever(state);
  }
}
