import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstanceEvent } from '../domain/instance-events.ts';
import type { Instance } from '../domain/instances.ts';
import type { Database } from './database.ts';
import { createInstanceEvents } from './instance-events.ts';

const INSTANCE = { id: 'hello.web.1.v1.1', appId: 'a', type: 'web', number: 1, version: 1 } as Instance;

type Document = Record<string, unknown> & { _id: string };

/** As much of a collection as is needed: equality of whole values, inserts, sets. */
function createDatabase(): Database {
  const collections = new Map<string, Map<string, Document>>();
  const collection = (name: string) => {
    const documents = collections.get(name) ?? new Map<string, Document>();
    collections.set(name, documents);
    const matching = (filter: object) =>
      [...documents.values()].filter((one) => Object.entries(filter).every(([key, value]) => one[key] === value));
    return {
      find: (filter: object) => ({ toArray: async () => matching(filter).map((one) => ({ ...one })) }),
      findOne: async (filter: object) => matching(filter)[0] ?? null,
      async insertOne(document: Document) {
        if (documents.has(document._id)) throw Object.assign(new Error('duplicate'), { code: 11_000 });
        documents.set(document._id, document);
      },
      async updateOne(filter: object, { $set }: { $set: object }) {
        const [found] = matching(filter);
        if (found !== undefined) documents.set(found._id, { ...found, ...$set });
        return { modifiedCount: found === undefined ? 0 : 1 };
      },
      deleteOne: async ({ _id }: { _id: string }) => void documents.delete(_id),
    };
  };
  return { db: { collection } } as unknown as Database;
}

function event(
  run: string,
  n: number,
  state: InstanceEvent['state'],
  facts: Partial<InstanceEvent> = {},
): InstanceEvent {
  const nothing = { exitCode: null, signal: null, reason: null, oom: false, boundPort: null, sample: null };
  return { instanceId: INSTANCE.id, run, n, state, at: new Date(n * 1000), ...nothing, ...facts };
}

const SAMPLE = { memoryBytes: 1, cpuSeconds: 1, pids: 1 };

test('a report is kept once, a late one in the history alone', async () => {
  const events = createInstanceEvents(createDatabase());
  assert.equal(await events.record(event('r', 1, 'starting'), INSTANCE), true);
  assert.equal(await events.record(event('r', 3, 'crashed'), INSTANCE), true);
  assert.equal(await events.record(event('r', 2, 'up'), INSTANCE), true);
  assert.equal(await events.record(event('r', 2, 'up'), INSTANCE), false);
  assert.deepEqual(
    (await events.statuses('a')).map(({ state, n }) => [state, n]),
    [['crashed', 3]],
  );
  const history = await events.list('a');
  assert.deepEqual(
    history.map(({ state }) => state),
    ['starting', 'up', 'crashed'],
  );
});

test('a sample is the newest word and no part of the history', async () => {
  const events = createInstanceEvents(createDatabase());
  await events.record(event('r', 1, 'up'), INSTANCE);
  assert.equal(await events.record(event('r', 2, 'up', { sample: SAMPLE }), INSTANCE), true);
  assert.equal(await events.record(event('r', 2, 'up', { sample: SAMPLE }), INSTANCE), false);
  const [status] = await events.statuses('a');
  assert.deepEqual([status?.n, status?.sample, status?.at], [2, SAMPLE, new Date(1000)]);
  assert.equal((await events.list('a')).length, 1);
});

test('the history of an instance has a bound, and its newest events stay', async () => {
  const events = createInstanceEvents(createDatabase());
  for (let n = 1; n <= 300; n += 1) await events.record(event('r', n, n % 2 === 0 ? 'up' : 'crashed'), INSTANCE);
  const history = await events.list('a');
  assert.ok(history.length >= 200 && history.length < 220, `${history.length} are kept`);
  assert.equal(history.at(-1)?.n, 300);
});

test('reports that come at the same time are all kept, and the newest is the newest word', async () => {
  const events = createInstanceEvents(createDatabase());
  const reports = [5, 1, 4, 2, 3].map((n) => events.record(event('r', n, 'up', { at: new Date(n) }), INSTANCE));
  assert.deepEqual(await Promise.all(reports), [true, true, true, true, true]);
  assert.equal((await events.statuses('a'))[0]?.n, 5);
  assert.equal((await events.list('a')).length, 5);
});
