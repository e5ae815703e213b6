import type { Formation } from '../domain/apps.ts';
import { notFound } from '../domain/errors.ts';
import { UUID } from '../domain/names.ts';
import type { Failure, Release, Slug } from '../domain/releases.ts';
import { collection, unkeyed, type Database } from './database.ts';
import { remembered } from './remembered.ts';

/** The steps of one operation ask for the same one after the other. */
const REMEMBERED_MS = 2000;

export type Releases = ReturnType<typeof createReleases>;

export function createReleases(database: Database) {
  const releases = collection<Release>(database, 'releases');
  const key = (appId: string, version: number) => `${appId}/${version}`;
  const change = async (appId: string, version: number, fields: Partial<Release>) =>
    void (await releases.updateOne({ _id: key(appId, version) }, { $set: { ...fields, updatedAt: new Date() } }));
  const find = async (_id: string): Promise<Release | null> => {
    const found = await releases.findOne({ _id });
    return found === null ? null : unkeyed<Release>(found);
  };
  const frozen = remembered(REMEMBERED_MS, find, (release) => (release?.slug ?? null) !== null);

  return {
    async prepare(): Promise<void> {
      await releases.createIndex({ appId: 1 });
      await releases.createIndex({ id: 1 });
      await releases.createIndex({ state: 1 });
    },

    /** Rejects with a duplicate key when the number is taken. */
    async add(release: Release): Promise<void> {
      await releases.insertOne({ _id: key(release.appId, release.version), ...release });
    },

    /** Throws not_found. */
    async get(appId: string, version: number): Promise<Release> {
      const release = await this.findVersion(appId, version);
      if (release === null) throw notFound('release', `v${version}`);
      return release;
    },

    findVersion: (appId: string, version: number): Promise<Release | null> => find(key(appId, version)),

    /**
     * What the release runs: slug and config do not change once it has a slug. Its state may be two seconds old.
     * Throws not_found.
     */
    async frozen(appId: string, version: number): Promise<Release> {
      const release = await this.findFrozen(appId, version);
      if (release === null) throw notFound('release', `v${version}`);
      return release;
    },

    /** Likewise, null when there is none. */
    findFrozen: (appId: string, version: number): Promise<Release | null> => frozen(key(appId, version)),

    /** Of all apps: those whose operation is not over. */
    async pending(): Promise<Release[]> {
      return (await releases.find({ state: 'pending' }).toArray()).map((document) => unkeyed<Release>(document));
    },

    /** By number (`12`, `v12`) or id. Throws not_found. */
    async find(appId: string, numberOrId: string): Promise<Release> {
      if (/^v?\d{1,9}$/.test(numberOrId)) return this.get(appId, Number(numberOrId.replace('v', '')));
      const found = UUID.test(numberOrId) ? await releases.findOne({ id: numberOrId }) : null;
      if (found === null || found.appId !== appId) throw notFound('release', numberOrId);
      return unkeyed<Release>(found);
    },

    /** Newest first. */
    async list(appId: string): Promise<Release[]> {
      const found = await releases.find({ appId }).toArray();
      return found.map((document) => unkeyed<Release>(document)).sort((a, b) => b.version - a.version);
    },

    setSlug: (appId: string, version: number, slug: Slug) => change(appId, version, { slug }),
    setConfigVersion: (appId: string, version: number, configVersion: number) =>
      change(appId, version, { configVersion }),
    setFormation: (appId: string, version: number, formation: Formation) => change(appId, version, { formation }),
    succeed: (appId: string, version: number, formation: Formation | null) =>
      change(appId, version, { state: 'succeeded', ...(formation === null ? {} : { formation }) }),
    fail: (appId: string, version: number, failure: Failure) => change(appId, version, { state: 'failed', failure }),

    async removeAll(appId: string): Promise<void> {
      await releases.deleteMany({ appId });
    },
  };
}
