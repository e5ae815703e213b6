import { Type, type Static } from 'typebox';
import type { App, Mode } from '../../domain/apps.ts';
import type { Slug } from '../../domain/releases.ts';
import { appHost } from '../../domain/routes.ts';
import { GENERATION, REGION, stackReference } from './platform.ts';
import { iso, Literals, NoObject, Nullable, Timestamp, Uri, UserReference, Uuid } from './primitives.ts';

const Named = Type.Object({ id: Uuid, name: Type.String() });

export const AppShape = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    acm: Type.Boolean(),
    archived_at: Nullable(Timestamp),
    buildpack_provided_description: Nullable(Type.String()),
    build_stack: Named,
    created_at: Timestamp,
    generation: Named,
    git_url: Uri,
    internal_routing: Type.Boolean(),
    maintenance: Type.Boolean(),
    mode: Literals<Mode>('serving', 'maintenance', 'paused'),
    organization: NoObject,
    owner: UserReference,
    region: Named,
    released_at: Nullable(Timestamp),
    repo_size: Nullable(Type.Integer()),
    slug_size: Nullable(Type.Integer()),
    space: NoObject,
    stack: Named,
    team: NoObject,
    updated_at: Timestamp,
    web_url: Uri,
  },
  { description: 'An app' },
);
export type AppShape = Static<typeof AppShape>;

export const NewApp = Type.Object({
  name: Type.Optional(Type.String({ description: 'Made up when absent.' })),
  stack: Type.Optional(Type.String()),
  region: Type.Optional(Type.String()),
});

export const AppChange = Type.Object({
  maintenance: Type.Optional(Type.Boolean({ description: 'Whether visitors get a maintenance page.' })),
  name: Type.Optional(Type.String({ maxLength: 64, description: 'Its own: an app keeps its name.' })),
});

export const DestroyQuery = Type.Object({
  force: Type.Optional(Literals('true', 'false')),
});

export const AppParams = Type.Object({ app: Type.String({ maxLength: 64, description: 'Name or id of the app.' }) });

export type AppAddresses = { appsDomain: string; appsPort: number; publicUrl: string };

/** `slug` is that of the release that serves, null when there is none. */
export function appShape(app: App, slug: Slug | null, addresses: AppAddresses): AppShape {
  return {
    id: app.id,
    name: app.name,
    acm: false,
    archived_at: null,
    buildpack_provided_description: slug?.buildpack ?? null,
    build_stack: stackReference(app.stack),
    created_at: app.createdAt.toISOString(),
    generation: GENERATION,
    git_url: `${addresses.publicUrl}/${app.name}.git`,
    internal_routing: false,
    maintenance: app.mode === 'maintenance',
    mode: app.mode,
    organization: null,
    owner: app.owner,
    region: { id: REGION.id, name: REGION.name },
    released_at: iso(app.releasedAt),
    repo_size: null,
    slug_size: slug?.bytes ?? null,
    space: null,
    stack: stackReference(app.stack),
    team: null,
    updated_at: app.updatedAt.toISOString(),
    web_url: webUrl(app.name, addresses),
  };
}

export function webUrl(name: string, { appsDomain, appsPort }: AppAddresses): string {
  const port = appsPort === 80 ? '' : `:${appsPort}`;
  return `http://${appHost(name, appsDomain)}${port}/`;
}
