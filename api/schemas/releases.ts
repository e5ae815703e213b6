import { Type, type Static } from 'typebox';
import type { App } from '../../domain/apps.ts';
import type { Release } from '../../domain/releases.ts';
import { AppReference, Literals, Nullable, stableUuid, Timestamp, UserReference, Uuid } from './primitives.ts';

export const ReleaseShape = Type.Object(
  {
    id: Uuid,
    version: Type.Integer(),
    status: Literals('failed', 'pending', 'succeeded', 'expired'),
    current: Type.Boolean(),
    description: Type.String(),
    app: AppReference,
    user: UserReference,
    slug: Nullable(Type.Object({ id: Uuid })),
    artifacts: Type.Array(Type.Object({ type: Type.String(), id: Uuid })),
    addon_plan_names: Type.Array(Type.String()),
    eligible_for_rollback: Type.Boolean(),
    output_stream_url: Nullable(Type.String()),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { description: 'A release' },
);
export type ReleaseShape = Static<typeof ReleaseShape>;

export const ReleaseParams = Type.Object({
  app: Type.String({ maxLength: 64 }),
  version: Type.String({ maxLength: 64, description: 'Number (12, v12) or id of the release.' }),
});

export const Rollback = Type.Object({
  release: Type.Union([Type.String({ maxLength: 64 }), Type.Integer({ minimum: 1 })], {
    description: 'Id or number of the release to go back to.',
  }),
});

export function releaseShape(app: App, release: Release, currentVersion: number | null): ReleaseShape {
  const slug = release.slug === null ? null : { id: slugId(release.slug.digest) };
  return {
    id: release.id,
    version: release.version,
    status: release.state,
    current: release.version === currentVersion,
    description: release.description,
    app: { id: app.id, name: app.name },
    user: release.user,
    slug,
    artifacts: slug === null ? [] : [{ type: 'slug', id: slug.id }],
    addon_plan_names: [],
    eligible_for_rollback: release.state === 'succeeded' && slug !== null,
    output_stream_url: null,
    created_at: release.createdAt.toISOString(),
    updated_at: release.updatedAt.toISOString(),
  };
}

/** What Nginx serves; while that is nothing, the newest release that succeeded. `releases` are newest first. */
export function currentVersionOf(app: App, releases: readonly Release[]): number | null {
  return app.currentVersion ?? releases.find(({ state }) => state === 'succeeded')?.version ?? null;
}

/** The store knows slugs by digest, Heroku's clients by UUID. */
export function slugId(digest: string): string {
  return stableUuid(`slug ${digest}`);
}
