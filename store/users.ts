import { createHash, randomUUID } from 'node:crypto';
import { collection, type Database } from './database.ts';
import { remembered } from './remembered.ts';

/** An operator may add, set up and check servers, too: the first user is one, and who was appointed. */
export type User = { id: string; email: string; isOperator: boolean; createdAt: Date };
type Token = { userId: string; createdAt: Date };

/** How long a token may still be good after it was taken away. */
const REMEMBERED_MS = 1000;

export type Users = ReturnType<typeof createUsers>;

/** Tokens are stored as their sha256: they are random, long, and looked up by equality. */
export function createUsers(database: Database) {
  const users = collection<User>(database, 'users');
  const tokens = collection<Token>(database, 'tokens');

  const find = async (_id: string): Promise<User | null> => {
    const found = await tokens.findOne({ _id });
    return found === null ? null : users.findOne({ _id: found.userId }, { projection: { _id: 0 } });
  };
  const known = remembered(REMEMBERED_MS, find, (user) => user !== null);

  return {
    async prepare(): Promise<void> {
      await users.createIndex({ email: 1 }, { unique: true });
      await haveOperator();
    },

    /** Makes the user when missing and lets the token speak for them; the same call again changes nothing. */
    async admit(email: string, token: string): Promise<void> {
      const createdAt = new Date();
      const id = randomUUID();
      const inserted = { _id: id, id, email, isOperator: false, createdAt };
      await users.updateOne({ email }, { $setOnInsert: inserted }, { upsert: true });
      await haveOperator();
      const user = await users.findOne({ email });
      const userId = user?.id ?? id;
      await tokens.updateOne({ _id: hash(token) }, { $setOnInsert: { userId, createdAt } }, { upsert: true });
    },

    /** Makes an operator of the user; of nobody when there is none of that address. */
    async appoint(email: string): Promise<void> {
      await users.updateOne({ email }, { $set: { isOperator: true } });
    },

    /** Whose token it is, null for nobody's. */
    byToken: (token: string): Promise<User | null> => known(hash(token)),
  };

  /** Users of an earlier version know of no operator. */
  async function haveOperator(): Promise<void> {
    const all = await users.find({}, { projection: { _id: 1, isOperator: 1, createdAt: 1 } }).toArray();
    const [oldest] = all.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
    if (oldest === undefined || all.some(({ isOperator }) => isOperator)) return;
    await users.updateOne({ _id: oldest._id }, { $set: { isOperator: true } });
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
