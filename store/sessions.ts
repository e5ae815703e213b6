import { notFound } from '../domain/errors.ts';
import type { Session, SessionEnding, SessionState } from '../domain/sessions.ts';
import { collection, unkeyed, type Database } from './database.ts';
import type { Secrets } from './secrets.ts';

export type Sessions = ReturnType<typeof createSessions>;

type Said = Pick<Session, 'command' | 'env'>;
type StoredSession = Omit<Session, keyof Said> & { sealed: string };

/** How long people may ask how one ended. */
const KEPT_MS = 24 * 3600_000;

/** One-off sessions; what their callers said is encrypted at rest. */
export function createSessions(database: Database, secrets: Secrets) {
  const sessions = collection<StoredSession>(database, 'sessions');

  return {
    async prepare(): Promise<void> {
      await sessions.createIndex({ appId: 1 });
    },

    /** Those of the app that ended long ago go. */
    async add({ command, env, ...session }: Session): Promise<void> {
      const sealed = secrets.seal(JSON.stringify({ command, env } satisfies Said), session.id);
      await sessions.insertOne({ _id: session.id, ...session, sealed });
      const all = await sessions.find({ appId: session.appId }, { projection: { _id: 1, endedAt: 1 } }).toArray();
      const old = all.filter(({ endedAt }) => endedAt !== null && Date.now() - endedAt.getTime() > KEPT_MS);
      for (const { _id } of old) await sessions.deleteOne({ _id });
    },

    /** Throws not_found. */
    async get(id: string): Promise<Session> {
      const found = await this.find(id);
      if (found === null) throw notFound('session', id);
      return found;
    },

    async find(id: string): Promise<Session | null> {
      const found = await sessions.findOne({ _id: id });
      return found === null ? null : opened(found);
    },

    /** Newest first; those that ended lately too. */
    async list(appId: string): Promise<Session[]> {
      const found = await sessions.find({ appId }).toArray();
      return found.map(opened).sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
    },

    /** What has ended stays so. */
    async setState(id: string, state: SessionState): Promise<void> {
      await sessions.updateOne({ _id: id, endedAt: null }, { $set: { state } });
    },

    async end(id: string, { exitCode, failure }: SessionEnding): Promise<void> {
      const state = failure === null ? ('ended' as const) : ('failed' as const);
      await sessions.updateOne({ _id: id, endedAt: null }, { $set: { state, exitCode, failure, endedAt: new Date() } });
    },

    async removeAll(appId: string): Promise<void> {
      await sessions.deleteMany({ appId });
    },
  };

  function opened(document: StoredSession & { _id: string }): Session {
    const { sealed, ...session } = unkeyed<StoredSession>(document);
    return { ...session, ...(JSON.parse(secrets.open(sealed, session.id)) as Said) };
  }
}
