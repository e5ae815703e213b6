import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from './database.ts';
import { createUsers } from './users.ts';

type Document = Record<string, unknown> & { _id: string };

/** As much of a database as is needed: equality, inserts of what is missing, sets. */
function createDatabase(stored: Record<string, Document[]> = {}): Database {
  const collection = (name: string) => {
    const documents = (stored[name] ??= []);
    const matching = (filter: object) =>
      documents.filter((one) => Object.entries(filter).every(([key, value]) => one[key] === value));
    return {
      createIndex: async () => undefined,
      find: (filter: object) => ({ toArray: async () => matching(filter) }),
      findOne: async (filter: object) => matching(filter)[0] ?? null,
      async updateOne(
        filter: object,
        { $set, $setOnInsert }: { $set?: object; $setOnInsert?: object },
        { upsert = false } = {},
      ) {
        const [found] = matching(filter);
        if (found !== undefined) Object.assign(found, $set);
        else if (upsert) documents.push({ ...filter, ...$setOnInsert } as Document);
      },
    };
  };
  return { db: { collection } } as unknown as Database;
}

test('the first user is an operator, and no other one is', async () => {
  const users = createUsers(createDatabase());
  await users.prepare();
  for (const name of ['ada', 'bob', 'ada']) await users.admit(`${name}@example.com`, `token of ${name}`);
  const [ada, bob] = [await users.byToken('token of ada'), await users.byToken('token of bob')];
  assert.deepEqual([ada?.email, ada?.isOperator], ['ada@example.com', true]);
  assert.deepEqual([bob?.email, bob?.isOperator], ['bob@example.com', false]);
  assert.equal(await users.byToken('of nobody'), null);
});

test('who is appointed is an operator beside the first user, and an address of nobody makes none', async () => {
  const stored: { users: Document[] } = { users: [] };
  const users = createUsers(createDatabase(stored));
  for (const name of ['ada', 'bob']) await users.admit(`${name}@example.com`, `token of ${name}`);
  await users.appoint('eve@example.com');
  assert.equal((await users.byToken('token of ada'))?.isOperator, true);
  await users.appoint('bob@example.com');
  assert.deepEqual(
    stored.users.map(({ email, isOperator }) => [email, isOperator]),
    [
      ['ada@example.com', true],
      ['bob@example.com', true],
    ],
  );
});

test('of users that an earlier version stored the oldest becomes the operator', async () => {
  const stored = (id: string, at: number) => ({ _id: id, id, email: `${id}@example.com`, createdAt: new Date(at) });
  const documents = { users: [stored('younger', 2), stored('oldest', 1)] as Document[] };
  await createUsers(createDatabase(documents)).prepare();
  assert.deepEqual(
    documents.users.map(({ id, isOperator }) => [id, isOperator]),
    [
      ['younger', undefined],
      ['oldest', true],
    ],
  );
});
