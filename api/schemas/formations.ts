import { Type, type Static } from 'typebox';
import { formationOf, SIZES, type App, type SizeName } from '../../domain/apps.ts';
import type { Slug } from '../../domain/releases.ts';
import { AppReference, Literals, stableUuid, Timestamp, Uuid } from './primitives.ts';

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

const SIZE_NAMES = Object.keys(SIZES) as SizeName[];

export const FormationUpdate = Type.Object({
  type: Type.String({ maxLength: 64, description: 'Process type.' }),
  quantity: Type.Optional(
    Type.Union([Type.String({ maxLength: 8 }), Type.Integer()], {
      description: 'How many: 2 or "2", or by how many more or fewer: "+1", "-1".',
    }),
  ),
  size: Type.Optional(Literals(...SIZE_NAMES)),
});
export type FormationUpdate = Static<typeof FormationUpdate>;

export const FormationChange = Type.Object({ updates: Type.Array(FormationUpdate, { maxItems: 100 }) });

export const FormationParams = Type.Object({
  app: Type.String({ maxLength: 64 }),
  type: Type.String({ maxLength: 64, description: 'Process type.' }),
});

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
