import { DcdgetError, notFound } from '../domain/errors.ts';
import { UUID } from '../domain/names.ts';
import type { Reservation, Server, ServerReach } from '../domain/servers.ts';
import { collection, isDuplicateKey, unkeyed, type Database } from './database.ts';
import { remembered } from './remembered.ts';

/** How old what a step reads of a server may be: an address that is wrong fails, and is read again. */
const REMEMBERED_MS = 5000;

export type Servers = ReturnType<typeof createServers>;

export function createServers(database: Database) {
  const servers = collection<Server>(database, 'servers');

  const get = async (idOrName: string): Promise<Server> => {
    const found = await servers.findOne(UUID.test(idOrName) ? { _id: idOrName } : { name: idOrName });
    if (found === null) throw notFound('server', idOrName);
    return unkeyed<Server>(found);
  };

  return {
    async prepare(): Promise<void> {
      await servers.createIndex({ name: 1 }, { unique: true });
    },

    /** Throws invalid_params when the name is taken. */
    async add(server: Server): Promise<void> {
      try {
        await servers.insertOne({ _id: server.id, ...server });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        throw new DcdgetError('invalid_params', `There is already a server ${server.name}`, {
          field: 'name',
          cause: error,
        });
      }
    },

    /** By id or name. Throws not_found. */
    get,

    /** By id or name, up to five seconds old: where it is and what it is for, not what is reserved. Throws not_found. */
    reach: remembered<ServerReach>(REMEMBERED_MS, get),

    /** By name. */
    async list(): Promise<Server[]> {
      const found = (await servers.find().toArray()).map((document) => unkeyed<Server>(document));
      return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async change(
      id: string,
      fields: Partial<Omit<Server, 'id' | 'name' | 'reservations' | 'revision'>>,
    ): Promise<void> {
      await servers.updateOne({ _id: id }, { $set: { ...fields, updatedAt: new Date() } });
    },

    /** One conditional update; false when the reservations changed since `server` was read. */
    async reserve(server: Server, reservations: Reservation[]): Promise<boolean> {
      const result = await servers.updateOne(
        { _id: server.id, revision: server.revision },
        { $set: { reservations, revision: server.revision + 1, updatedAt: new Date() } },
      );
      return result.modifiedCount === 1;
    },

    async remove(id: string): Promise<void> {
      await servers.deleteOne({ _id: id });
    },
  };
}
