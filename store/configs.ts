import { DcdgetError } from '../domain/errors.ts';
import { collection, isDuplicateKey, type Database } from './database.ts';
import { remembered } from './remembered.ts';
import type { Secrets } from './secrets.ts';

/** The steps of one operation ask for the same one after the other. */
const REMEMBERED_MS = 2000;

export type ConfigVars = Record<string, string>;
export type Configs = ReturnType<typeof createConfigs>;

/** Snapshots of an app's config vars, numbered, immutable, encrypted at rest. Number 0 is the empty one. */
export function createConfigs(database: Database, secrets: Secrets) {
  const configs = collection<{ appId: string; sealed: string }>(database, 'configs');
  const key = (appId: string, version: number) => `${appId}/${version}`;
  const open = remembered(REMEMBERED_MS, async (_id): Promise<ConfigVars> => {
    const found = await configs.findOne({ _id });
    if (found === null) throw new DcdgetError('internal', `Config ${_id} is not in the store`);
    return JSON.parse(secrets.open(found.sealed, _id)) as ConfigVars;
  });

  return {
    async prepare(): Promise<void> {
      await configs.createIndex({ appId: 1 });
    },

    /** False when that number is already taken. */
    async add(appId: string, version: number, vars: ConfigVars): Promise<boolean> {
      const _id = key(appId, version);
      try {
        await configs.insertOne({ _id, appId, sealed: secrets.seal(JSON.stringify(vars), _id) });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    async get(appId: string, version: number): Promise<ConfigVars> {
      return version === 0 ? {} : { ...(await open(key(appId, version))) };
    },

    /** The highest number in use: a failed change takes the head back but keeps its number. */
    async lastVersion(appId: string): Promise<number> {
      const found = await configs.find({ appId }, { projection: { _id: 1 } }).toArray();
      return Math.max(0, ...found.map(({ _id }) => Number(_id.split('/')[1])));
    },

    async removeAll(appId: string): Promise<void> {
      await configs.deleteMany({ appId });
    },
  };
}
