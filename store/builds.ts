import { notFound } from '../domain/errors.ts';
import type { Build, Slug } from '../domain/releases.ts';
import { collection, unkeyed, type Database } from './database.ts';

/** What was compiled before, by everything that went into it. */
export type Compiled = { slug: Slug; buildpackVersions: string };

export type Builds = ReturnType<typeof createBuilds>;

export function createBuilds(database: Database) {
  const builds = collection<Build>(database, 'builds');
  const compiled = collection<{ appId: string; slug: Slug; buildpackVersions?: string }>(database, 'compiled');

  return {
    async prepare(): Promise<void> {
      await builds.createIndex({ appId: 1 });
      await compiled.createIndex({ appId: 1 });
    },

    async add(build: Build): Promise<void> {
      await builds.insertOne({ _id: build.id, ...build });
    },

    /** Throws not_found, also for another app's build. */
    async get(appId: string, id: string): Promise<Build> {
      const found = await builds.findOne({ _id: id });
      if (found === null || found.appId !== appId) throw notFound('build', id);
      return unkeyed<Build>(found);
    },

    /** Newest first. */
    async list(appId: string): Promise<Build[]> {
      const found = await builds.find({ appId }).toArray();
      return found.map((document) => unkeyed<Build>(document)).sort((a, b) => b.version - a.version);
    },

    async change(id: string, fields: Partial<Pick<Build, 'state' | 'sourceDigest' | 'slugDigest'>>): Promise<void> {
      await builds.updateOne({ _id: id }, { $set: { ...fields, updatedAt: new Date() } });
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
