import type { Branch, Head, Push } from '../domain/branches.ts';
import { collection, isDuplicateKey, unkeyed, type Database } from './database.ts';

export type Branches = ReturnType<typeof createBranches>;

export function createBranches(database: Database) {
  const branches = collection<Branch>(database, 'branches');
  // Not by an upsert: not every backend keeps the nulls of one.
  const ensure = async (appId: string): Promise<void> => {
    try {
      await branches.insertOne({ _id: appId, ...untouched(appId) });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  };

  return {
    async prepare(): Promise<void> {},

    async get(appId: string): Promise<Branch> {
      const found = await branches.findOne({ _id: appId });
      return found === null ? untouched(appId) : unkeyed<Branch>(found);
    },

    /** Null: the usual ones deploy again. */
    async choose(appId: string, chosen: string | null): Promise<void> {
      await ensure(appId);
      await branches.updateOne({ _id: appId }, { $set: { chosen } });
    },

    /** Puts a push in the place of the one that was seen there; false when somebody else was quicker. */
    async claim(appId: string, seen: Push | null, push: Push): Promise<boolean> {
      await ensure(appId);
      const held = seen === null ? { push: null } : { 'push.operationId': seen.operationId };
      const result = await branches.updateOne({ _id: appId, ...held }, { $set: { push } });
      return result.matchedCount === 1;
    },

    /** What the push makes of the branch, known once its objects are kept; false when it lost its place. */
    async setPushedHead(appId: string, operationId: string, head: Head): Promise<boolean> {
      const result = await branches.updateOne(
        { _id: appId, 'push.operationId': operationId },
        { $set: { 'push.head': head } },
      );
      return result.matchedCount === 1;
    },

    /** A sign of life of a push that has no operation yet; false when it lost its place. */
    async keepPush(appId: string, operationId: string): Promise<boolean> {
      const result = await branches.updateOne(
        { _id: appId, 'push.operationId': operationId },
        { $set: { 'push.aliveAt': new Date() } },
      );
      return result.matchedCount === 1;
    },

    /** Ends a push that came to nothing before it had an operation. */
    async release(appId: string, operationId: string): Promise<void> {
      await branches.updateOne({ _id: appId, 'push.operationId': operationId }, { $set: { push: null } });
    },

    /** The head becomes what this push makes of it; null when the push is another's. The same again changes nothing. */
    async move(appId: string, operationId: string): Promise<Branch | null> {
      const { push } = await this.get(appId);
      if (push?.operationId !== operationId) return null;
      const result = await branches.updateOne(
        { _id: appId, 'push.operationId': operationId },
        { $set: { head: push.head } },
      );
      return result.matchedCount === 1 ? this.get(appId) : null;
    },

    async remove(appId: string): Promise<void> {
      await branches.deleteOne({ _id: appId });
    },
  };
}

function untouched(appId: string): Branch {
  return { appId, chosen: null, head: null, push: null };
}
