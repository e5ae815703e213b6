import type { FoundDrift, ServerCheck } from '../domain/checks.ts';
import { collection, unkeyed, type Database } from './database.ts';

export type Checks = ReturnType<typeof createChecks>;

/** What the last check of each server found. */
export function createChecks(database: Database) {
  const checks = collection<ServerCheck>(database, 'serverChecks');

  return {
    /** By name of the server. */
    async list(): Promise<ServerCheck[]> {
      const found = (await checks.find().toArray()).map((document) => unkeyed<ServerCheck>(document));
      return found.sort((a, b) => (a.serverName < b.serverName ? -1 : 1));
    },

    /** Replaces what the check before it found. */
    async put(check: ServerCheck): Promise<void> {
      await checks.replaceOne({ _id: check.serverId }, check, { upsert: true });
    },

    /** What became of one thing that was found. */
    async setRepair(
      serverId: string,
      { kind, subject, repair, error }: Pick<FoundDrift, 'kind' | 'subject' | 'repair' | 'error'>,
    ): Promise<void> {
      const check = await checks.findOne({ _id: serverId });
      const drifts = (check?.drifts ?? []).map((drift) =>
        drift.kind === kind && drift.subject === subject ? { ...drift, repair, error } : drift,
      );
      await checks.updateOne({ _id: serverId }, { $set: { drifts } });
    },

    async keepOnly(serverIds: ReadonlySet<string>): Promise<void> {
      for (const { serverId } of await this.list())
        if (!serverIds.has(serverId)) await checks.deleteOne({ _id: serverId });
    },
  };
}
