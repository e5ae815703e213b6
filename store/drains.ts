import type { Drain } from '../domain/drains.ts';
import { collection, unkeyed, type Database } from './database.ts';

export type Drains = ReturnType<typeof createDrains>;

export function createDrains(database: Database) {
  const drains = collection<Drain>(database, 'drains');

  return {
    async prepare(): Promise<void> {
      await drains.createIndex({ appId: 1 });
    },

    async add(drain: Drain): Promise<void> {
      await drains.insertOne({ _id: drain.id, ...drain });
    },

    /** Of all apps, or of one; oldest first. */
    async list(appId?: string): Promise<Drain[]> {
      const found = await drains.find(appId === undefined ? {} : { appId }).toArray();
      return found.map(unkeyed<Drain>).sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
    },

    async remove(id: string): Promise<void> {
      await drains.deleteOne({ _id: id });
    },

    async removeAll(appId: string): Promise<void> {
      await drains.deleteMany({ appId });
    },
  };
}
