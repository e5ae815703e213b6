import { Type, type Static } from 'typebox';
import { formationOf, type App } from '../../domain/apps.ts';
import type { Slug } from '../../domain/releases.ts';
import { AppReference, stableUuid, Timestamp, Uuid } from './primitives.ts';

export const FormationShape = Type.Object(
  {
    id: Uuid,
    app: AppReference,
    type: Type.String(),
    quantity: Type.Integer(),
    size: Type.String(),
    dyno_size: Type.Object({ id: Uuid, name: Type.String() }),
    command: Type.String(),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { description: 'How many instances of one process type run' },
);
export type FormationShape = Static<typeof FormationShape>;

/** One for each process type of `slug`. */
export function formationShapes(app: App, slug: Slug): FormationShape[] {
  const formation = formationOf(app.formation, Object.keys(slug.processTypes));
  return Object.entries(formation).map(([type, { quantity, size }]) => ({
    id: stableUuid(`formation ${app.id} ${type}`),
    app: { id: app.id, name: app.name },
    type,
    quantity,
    size,
    dyno_size: { id: stableUuid(`size ${size}`), name: size },
    command: slug.processTypes[type] ?? '',
    created_at: app.createdAt.toISOString(),
    updated_at: app.updatedAt.toISOString(),
  }));
}
