import { Type, type Static } from 'typebox';
import type { App } from '../../domain/apps.ts';
import { MAX_BUILDPACKS } from '../../domain/buildpacks.ts';
import type { Build } from '../../domain/releases.ts';
import { buildpackShape } from './buildpacks.ts';
import { slugId } from './releases.ts';
import { AppReference, Literals, Nullable, Timestamp, Uri, UserReference, Uuid } from './primitives.ts';

export const BuildShape = Type.Object(
  {
    id: Uuid,
    app: AppReference,
    buildpacks: Nullable(Type.Array(Type.Object({ url: Type.String(), name: Type.String() }))),
    generation: Type.String(),
    output_stream_url: Uri,
    release: Nullable(Type.Object({ id: Uuid, version: Type.Integer() })),
    slug: Nullable(Type.Object({ id: Uuid })),
    source_blob: Type.Object({
      checksum: Nullable(Type.String()),
      url: Uri,
      version: Nullable(Type.String()),
      version_description: Nullable(Type.String()),
    }),
    stack: Type.String(),
    status: Literals('failed', 'pending', 'succeeded'),
    user: UserReference,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { description: 'A build' },
);
export type BuildShape = Static<typeof BuildShape>;

export const NewBuild = Type.Object({
  source_blob: Type.Object({
    url: Type.String({ maxLength: 2000, description: 'The get_url of a source.' }),
    version: Type.Optional(
      Nullable(Type.String({ maxLength: 200, description: "The caller's word for it: a commit." })),
    ),
  }),
  buildpacks: Type.Optional(
    Nullable(
      Type.Array(
        Type.Object({
          url: Type.Optional(Type.String({ maxLength: 800 })),
          name: Type.Optional(Type.String({ maxLength: 800 })),
        }),
        { maxItems: MAX_BUILDPACKS, description: "For this build, instead of the app's own." },
      ),
    ),
  ),
});

export const BuildParams = Type.Object({ app: Type.String({ maxLength: 64 }), build: Uuid });

export type BuildLinks = { outputUrl: string; sourceUrl: string; releaseId: string | null };

export function buildShape(app: App, build: Build, links: BuildLinks): BuildShape {
  return {
    id: build.id,
    app: { id: app.id, name: app.name },
    buildpacks: (build.buildpacks ?? []).length === 0 ? null : (build.buildpacks ?? []).map(buildpackShape),
    generation: 'cedar',
    output_stream_url: links.outputUrl,
    release: links.releaseId === null ? null : { id: links.releaseId, version: build.version },
    slug: build.slugDigest === null ? null : { id: slugId(build.slugDigest) },
    source_blob: {
      checksum: build.sourceDigest === null ? null : `SHA256:${build.sourceDigest}`,
      url: links.sourceUrl,
      version: build.sourceVersion,
      version_description: null,
    },
    stack: app.stack,
    status: build.state,
    user: build.user,
    created_at: build.createdAt.toISOString(),
    updated_at: build.updatedAt.toISOString(),
  };
}
