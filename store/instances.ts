import type { Instance, InstanceState, PlacedInstance } from '../domain/instances.ts';
import { collection, unkeyed, type Database } from './database.ts';
import { remembered } from './remembered.ts';

/** The steps of one operation ask for the same one after the other. */
const REMEMBERED_MS = 2000;

export type Instances = ReturnType<typeof createInstances>;

export function createInstances(database: Database) {
  const instances = collection<Instance>(database, 'instances');
  const byName = (a: Instance, b: Instance) => (a.type < b.type ? -1 : a.type > b.type ? 1 : a.number - b.number);

  const get = async (_id: string): Promise<Instance | null> => {
    const found = await instances.findOne({ _id });
    return found === null ? null : unkeyed<Instance>(found);
  };

  return {
    async prepare(): Promise<void> {
      await instances.createIndex({ appId: 1 });
      await instances.createIndex({ state: 1 });
    },

    /** Adding the same instance again changes nothing. */
    async add(instance: Instance): Promise<void> {
      await instances.updateOne({ _id: instance.id }, { $setOnInsert: instance }, { upsert: true });
    },

    get,

    /** What does not change of it. One that is gone may be known for two seconds more. */
    placed: remembered<PlacedInstance | null>(REMEMBERED_MS, get, (instance) => instance !== null),

    /** By type, then number; those of the app's formation, or those that one operation made. */
    async list(appId: string, sequence?: number): Promise<Instance[]> {
      const found = (await this.listWithSessions(appId)).filter(({ sessionId }) => sessionId === undefined);
      return found.filter((instance) => sequence === undefined || instance.sequence === sequence);
    },

    /** Likewise, and one-off sessions too. */
    async listWithSessions(appId: string): Promise<Instance[]> {
      return (await instances.find({ appId }).toArray()).map((document) => unkeyed<Instance>(document)).sort(byName);
    },

    /** Of all apps. */
    async listAll(): Promise<Instance[]> {
      return (await instances.find().toArray()).map((document) => unkeyed<Instance>(document));
    },

    /** Of all apps: those that only wait for their end. */
    async listRetiring(): Promise<Instance[]> {
      return (await instances.find({ state: 'retiring' }).toArray()).map((document) => unkeyed<Instance>(document));
    },

    /** What retires or has ended stays so, whoever wakes late. */
    async setState(id: string, state: InstanceState): Promise<void> {
      await instances.updateOne(
        { _id: id, state: { $nin: ['retiring', 'ended'] } },
        { $set: { state, updatedAt: new Date() } },
      );
    },

    /** The first deadline stands. */
    async retire(id: string, retireBy: Date): Promise<void> {
      const change = { state: 'retiring' as const, retireBy, updatedAt: new Date() };
      await instances.updateOne({ _id: id, state: { $ne: 'retiring' } }, { $set: change });
    },

    async remove(id: string): Promise<void> {
      await instances.deleteOne({ _id: id });
    },
  };
}
