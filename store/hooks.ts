import type { Hook, HookSecrets } from '../domain/hooks.ts';
import { notFound } from '../domain/errors.ts';
import { collection, isDuplicateKey, unkeyed, type Database } from './database.ts';
import type { Secrets } from './secrets.ts';

/** `sealed` are HookSecrets. */
type Stored = Hook & { sealed: string };
type Delivery = { hookId: string; at: Date };

/** So many deliveries of a hook are known again. */
const KNOWN_DELIVERIES = 1000;

export type Hooks = ReturnType<typeof createHooks>;

export function createHooks(database: Database, secrets: Secrets) {
  const hooks = collection<Stored>(database, 'hooks');
  const deliveries = collection<Delivery>(database, 'deliveries');

  return {
    async prepare(): Promise<void> {
      await hooks.createIndex({ appId: 1 });
      await deliveries.createIndex({ hookId: 1 });
    },

    async add(hook: Hook, secret: HookSecrets): Promise<void> {
      await hooks.insertOne({ _id: hook.id, ...hook, sealed: secrets.seal(JSON.stringify(secret), about(hook.id)) });
    },

    /** Throws not_found, also for another app's hook. */
    async get(appId: string, id: string): Promise<Hook> {
      return shown(await stored(appId, id));
    },

    async secretsOf(appId: string, id: string): Promise<HookSecrets> {
      return JSON.parse(secrets.open((await stored(appId, id)).sealed, about(id))) as HookSecrets;
    },

    /** Oldest first. */
    async list(appId: string): Promise<Hook[]> {
      const found = (await hooks.find({ appId }).toArray()).map(shown);
      return found.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
    },

    async setSecrets(id: string, secret: HookSecrets): Promise<void> {
      const sealed = secrets.seal(JSON.stringify(secret), about(id));
      await hooks.updateOne({ _id: id }, { $set: { sealed, updatedAt: new Date() } });
    },

    async setDelivery(id: string, delivery: NonNullable<Hook['delivery']>): Promise<void> {
      await hooks.updateOne({ _id: id }, { $set: { delivery } });
    },

    async remove(id: string): Promise<void> {
      await hooks.deleteOne({ _id: id });
      await deliveries.deleteMany({ hookId: id });
    },

    async removeAll(appId: string): Promise<void> {
      for (const { id } of await this.list(appId)) await this.remove(id);
    },

    /** False when one of these names of a delivery is known already. */
    async admit(hookId: string, names: readonly string[]): Promise<boolean> {
      for (const [index, name] of names.entries()) {
        if (await isNew(hookId, name)) continue;
        await this.forget(hookId, names.slice(0, index));
        return false;
      }
      await forgetOldest(hookId);
      return true;
    },

    /** A delivery that came to nothing may come again. */
    async forget(hookId: string, names: readonly string[]): Promise<void> {
      for (const name of names) await deliveries.deleteOne({ _id: key(hookId, name) });
    },
  };

  async function stored(appId: string, id: string): Promise<Stored & { _id: string }> {
    const found = await hooks.findOne({ _id: id });
    if (found === null || found.appId !== appId) throw notFound('hook', id);
    return found;
  }

  async function isNew(hookId: string, name: string): Promise<boolean> {
    try {
      await deliveries.insertOne({ _id: key(hookId, name), hookId, at: new Date() });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async function forgetOldest(hookId: string): Promise<void> {
    const known = await deliveries.find({ hookId }).toArray();
    const old = known.sort((a, b) => b.at.getTime() - a.at.getTime()).slice(KNOWN_DELIVERIES);
    for (const { _id } of old) await deliveries.deleteOne({ _id });
  }
}

function shown({ sealed: _, ...document }: Stored & { _id: string }): Hook {
  return unkeyed<Hook>(document);
}

function key(hookId: string, name: string): string {
  return `${hookId}/${name}`;
}

function about(id: string): string {
  return `hook ${id}`;
}
