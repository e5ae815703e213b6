import type { App, Formation, Mode } from '../domain/apps.ts';
import { DcdgetError, notFound } from '../domain/errors.ts';
import { UUID } from '../domain/names.ts';
import { collection, isDuplicateKey, unkeyed, type Database } from './database.ts';

/** `sequence` and `lastVersion` only ever grow; they number operations and releases. */
type StoredApp = App & { sequence: number; lastVersion: number };

export type Apps = ReturnType<typeof createApps>;

export function createApps(database: Database) {
  const apps = collection<StoredApp>(database, 'apps');
  /** Of names whose app is gone: where its sequence ended. */
  const ended = collection<{ sequence: number }>(database, 'endedApps');

  return {
    async prepare(): Promise<void> {
      await apps.createIndex({ name: 1 }, { unique: true });
    },

    /**
     * Throws invalid_params when the name is taken. The sequence goes on where an earlier app of the name ended, so
     * that what is late of that one names nothing of this one.
     */
    async add(app: App): Promise<void> {
      const sequence = (await ended.findOne({ _id: app.name }))?.sequence ?? 0;
      try {
        await apps.insertOne({ _id: app.id, ...app, sequence, lastVersion: 0 });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        throw new DcdgetError('invalid_params', `Name ${app.name} is already taken`, { field: 'name', cause: error });
      }
    },

    /** By id or name. Throws not_found. */
    async get(idOrName: string): Promise<App> {
      const app = await this.find(idOrName);
      if (app === null) throw notFound('app', idOrName);
      return app;
    },

    async find(idOrName: string): Promise<App | null> {
      const found = await apps.findOne(UUID.test(idOrName) ? { _id: idOrName } : { name: idOrName });
      return found === null ? null : asApp(found);
    },

    async list(): Promise<App[]> {
      return (await apps.find().toArray()).map(asApp).sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async nextSequence(appId: string): Promise<number> {
      return (await raise(appId, 'sequence')).sequence;
    },

    async nextVersion(appId: string): Promise<number> {
      return (await raise(appId, 'lastVersion')).lastVersion;
    },

    /** Moves the config head from `from` to `to`; false when somebody else moved it first. */
    async moveConfigHead(appId: string, from: number, to: number): Promise<boolean> {
      const result = await apps.updateOne(
        { _id: appId, configVersion: from },
        { $set: { configVersion: to, updatedAt: new Date() } },
      );
      return result.matchedCount === 1;
    },

    async setFormation(appId: string, formation: Formation): Promise<void> {
      await apps.updateOne({ _id: appId }, { $set: { formation, updatedAt: new Date() } });
    },

    async setBuildpacks(appId: string, buildpacks: string[]): Promise<void> {
      await apps.updateOne({ _id: appId }, { $set: { buildpacks, updatedAt: new Date() } });
    },

    async setBuildVars(appId: string, buildVars: string[]): Promise<void> {
      await apps.updateOne({ _id: appId }, { $set: { buildVars, updatedAt: new Date() } });
    },

    async setMode(appId: string, mode: Mode): Promise<void> {
      await apps.updateOne({ _id: appId }, { $set: { mode, updatedAt: new Date() } });
    },

    /** Numbers only grow: an older one comes from a worker that woke late, and changes nothing. */
    async setCurrent(appId: string, version: number): Promise<void> {
      const now = new Date();
      await apps.updateOne(
        { _id: appId, currentVersion: { $not: { $gt: version } } },
        { $set: { currentVersion: version, releasedAt: now, updatedAt: now } },
      );
    },

    async setState(appId: string, state: App['state']): Promise<void> {
      await apps.updateOne({ _id: appId }, { $set: { state, updatedAt: new Date() } });
    },

    async remove(appId: string): Promise<void> {
      const app = await apps.findOne({ _id: appId });
      if (app === null) return;
      await ended.updateOne({ _id: app.name }, { $set: { sequence: app.sequence } }, { upsert: true });
      await apps.deleteOne({ _id: appId });
    },
  };

  async function raise(appId: string, counter: 'sequence' | 'lastVersion'): Promise<StoredApp> {
    const raised = await apps.findOneAndUpdate(
      { _id: appId },
      counter === 'sequence' ? { $inc: { sequence: 1 } } : { $inc: { lastVersion: 1 } },
      { returnDocument: 'after' },
    );
    if (raised === null) throw notFound('app', appId);
    return unkeyed(raised);
  }
}

function asApp(document: StoredApp & { _id: string }): App {
  const { sequence, lastVersion, ...app } = unkeyed<StoredApp>(document);
  return app;
}
