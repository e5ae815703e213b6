import { notFound } from '../domain/errors.ts';
import type { Build, Slug } from '../domain/releases.ts';
import type { OriginSecret } from '../domain/sources.ts';
import { collection, unkeyed, type Database } from './database.ts';
import type { Secrets } from './secrets.ts';

/** What was compiled before, by everything that went into it. */
export type Compiled = { slug: Slug; buildpackVersions: string };

export type Builds = ReturnType<typeof createBuilds>;

/** `sealed` is an OriginSecret, for as long as the source may still have to be fetched. */
type Stored = Build & { sealed?: string };

export function createBuilds(database: Database, secrets: Secrets) {
  const builds = collection<Stored>(database, 'builds');
  const compiled = collection<{ appId: string; slug: Slug; buildpackVersions?: string }>(database, 'compiled');

  return {
    async prepare(): Promise<void> {
      await builds.createIndex({ appId: 1 });
      await builds.createIndex({ operationId: 1 });
      await compiled.createIndex({ appId: 1 });
    },

    async add(build: Build, secret: OriginSecret = { kind: 'none' }): Promise<void> {
      const sealed = secret.kind === 'none' ? {} : { sealed: secrets.seal(JSON.stringify(secret), about(build.id)) };
      await builds.insertOne({ _id: build.id, ...build, ...sealed });
    },

    /** What opens the origin of a build. */
    async secret(id: string): Promise<OriginSecret> {
      const found = await builds.findOne({ _id: id }, { projection: { sealed: 1 } });
      if (found?.sealed === undefined) return { kind: 'none' };
      return JSON.parse(secrets.open(found.sealed, about(id))) as OriginSecret;
    },

    /** Throws not_found, also for another app's build. */
    async get(appId: string, id: string): Promise<Build> {
      const found = await builds.findOne({ _id: id });
      if (found === null || found.appId !== appId) throw notFound('build', id);
      return shown(found);
    },

    /** Newest first. */
    async list(appId: string): Promise<Build[]> {
      const found = await builds.find({ appId }).toArray();
      return found.map(shown).sort((a, b) => b.version - a.version);
    },

    /** Ids of the sources that operations build from. */
    async sourcesOf(operationIds: readonly string[]): Promise<string[]> {
      const found = await builds.find({ operationId: { $in: [...operationIds] } }).toArray();
      return found.map(({ sourceId }) => sourceId);
    },

    async change(
      id: string,
      fields: Partial<Pick<Build, 'state' | 'sourceDigest' | 'sourceVersion' | 'remarks' | 'slugDigest'>>,
    ): Promise<void> {
      await builds.updateOne({ _id: id }, { $set: { ...fields, updatedAt: new Date() }, ...forgetting(fields) });
    },

    /** The slug that the same app, source, buildpacks, build config and image made before. */
    async findCompiled(key: string): Promise<Compiled | null> {
      const found = await compiled.findOne({ _id: key });
      return found === null ? null : { slug: found.slug, buildpackVersions: found.buildpackVersions ?? '' };
    },

    async rememberCompiled(key: string, appId: string, { slug, buildpackVersions }: Compiled): Promise<void> {
      await compiled.replaceOne({ _id: key }, { appId, slug, buildpackVersions }, { upsert: true });
    },

    /** The app's next build compiles, whatever was compiled before. */
    async forgetCompiled(appId: string): Promise<void> {
      await compiled.deleteMany({ appId });
    },

    async removeAll(appId: string): Promise<void> {
      await builds.deleteMany({ appId });
      await compiled.deleteMany({ appId });
    },
  };
}

/** Once the source is there, or the build is over, nobody has to open its origin again. */
function forgetting({ state, sourceDigest }: Partial<Build>): { $unset?: { sealed: '' } } {
  return state === undefined && sourceDigest === undefined ? {} : { $unset: { sealed: '' } };
}

function shown({ sealed: _, ...document }: Stored & { _id: string }): Build {
  return unkeyed<Build>(document);
}

function about(id: string): string {
  return `build ${id}`;
}
