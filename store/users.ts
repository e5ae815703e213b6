import { createHash, randomUUID } from 'node:crypto';
import { collection, type Database } from './database.ts';

export type User = { id: string; email: string; createdAt: Date };
type Token = { userId: string; createdAt: Date };

export type Users = ReturnType<typeof createUsers>;

/** Tokens are stored as their sha256: they are random, long, and looked up by equality. */
export function createUsers(database: Database) {
  const users = collection<User>(database, 'users');
  const tokens = collection<Token>(database, 'tokens');

  return {
    async prepare(): Promise<void> {
      await users.createIndex({ email: 1 }, { unique: true });
    },

    /** Makes the user when missing and lets the token speak for them; the same call again changes nothing. */
    async admit(email: string, token: string): Promise<void> {
      const createdAt = new Date();
      const id = randomUUID();
      await users.updateOne({ email }, { $setOnInsert: { _id: id, id, email, createdAt } }, { upsert: true });
      const user = await users.findOne({ email });
      const userId = user?.id ?? id;
      await tokens.updateOne({ _id: hash(token) }, { $setOnInsert: { userId, createdAt } }, { upsert: true });
    },

    /** Whose token it is, null for nobody's. */
    async byToken(token: string): Promise<User | null> {
      const found = await tokens.findOne({ _id: hash(token) });
      return found === null ? null : users.findOne({ _id: found.userId }, { projection: { _id: 0 } });
    },
  };
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
