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
    git: Nullable(
      Type.Object(
        { url: Uri, ref: Nullable(Type.String()) },
        { description: 'The repository that the source was fetched from.' },
      ),
    ),
    stack: Type.String(),
    status: Literals('failed', 'pending', 'succeeded'),
    user: UserReference,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { description: 'A build' },
);
export type BuildShape = Static<typeof BuildShape>;

export const GitUrl = Type.String({ maxLength: 2000, description: 'https://HOST/OWNER/NAME.git' });
export const GitToken = Type.String({
  maxLength: 1000,
  description: 'Opens a private repository; the user before the @ of the URL goes with it. Stored encrypted.',
});

export const NewBuild = Type.Object({
  source_blob: Type.Optional(
    Nullable(
      Type.Object({
        url: Type.String({
          maxLength: 2000,
          description: 'The get_url of a source, or any https:// address of a tar.gz, which is then fetched.',
        }),
        version: Type.Optional(
          Nullable(Type.String({ maxLength: 200, description: "The caller's word for it: a commit." })),
        ),
        version_description: Type.Optional(Nullable(Type.String({ maxLength: 2000 }))),
        checksum: Type.Optional(
          Nullable(Type.String({ maxLength: 200, description: 'SHA256:<hex> that the archive must have.' })),
        ),
        kind: Type.Optional(
          Type.Literal('image', {
            description: 'What was uploaded is an OCI image: an image layout, or what docker save writes.',
          }),
        ),
      }),
    ),
  ),
  git: Type.Optional(
    Nullable(
      Type.Object(
        {
          url: GitUrl,
          ref: Type.Optional(
            Nullable(
              Type.String({ maxLength: 200, description: 'Branch, tag or whole commit id; the default branch.' }),
            ),
          ),
          token: Type.Optional(Nullable(GitToken)),
        },
        { description: 'A repository to fetch, instead of source_blob.' },
      ),
    ),
  ),
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
  const origin = build.origin ?? null;
  return {
    id: build.id,
    app: { id: app.id, name: app.name },
    buildpacks: (build.buildpacks ?? []).length === 0 ? null : (build.buildpacks ?? []).map(buildpackShape),
    generation: 'cedar',
    output_stream_url: links.outputUrl,
    release: links.releaseId === null ? null : { id: links.releaseId, version: build.version },
    slug: build.slugDigest === null ? null : { id: slugId(build.slugDigest) },
    source_blob: {
      checksum: checksumOf(build),
      url: origin?.url ?? links.sourceUrl,
      version: build.sourceVersion,
      version_description: null,
    },
    git: origin?.kind === 'git' ? { url: origin.url, ref: origin.ref } : null,
    stack: app.stack,
    status: build.state,
    user: build.user,
    created_at: build.createdAt.toISOString(),
    updated_at: build.updatedAt.toISOString(),
  };
}

function checksumOf({ sourceDigest, checksum = null }: Build): string | null {
  const digest = sourceDigest ?? checksum;
  return digest === null ? null : `SHA256:${digest}`;
}
