import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DcdgetError } from '../domain/errors.ts';
import type { WaitingLog } from '../domain/log-archive.ts';
import type { RecipeCall } from '../ssh/run-recipe.ts';
import type { ActivityDeps } from './deps.ts';
import { createLogArchiveActivities } from './log-archive.ts';

const SERVER = { id: 's1', name: 'one', state: 'ready', roles: ['app'] };
const file = (number: number, more: Partial<WaitingLog> = {}): WaitingLog => ({
  app: 'hello',
  name: `web.1.log.2026010${number}T000000.000000Z`,
  bytes: 100,
  from: `2026-01-0${number - 1}T00:00:00.000000Z`,
  ...more,
});
const APPS = new Map([
  ['hello', 'a'],
  ['other', 'b'],
]);
const KEY_2 = 'apps/a/logs/web.1/20260101T000000.000000Z_20260102T000000.000000Z_s1.log.zst';

/** A server with files, and an S3 that may keep less than it is given. */
function fakes(files: WaitingLog[], { keeps = 10, appState = 'ready', logArchiveDays = 30, most = 100 } = {}) {
  const calls: string[] = [];
  const stored = new Map<string, number>();
  const deps = {
    store: {
      servers: { get: async () => SERVER, list: async () => [SERVER] },
      apps: {
        find: async (name: string) =>
          APPS.has(name)
            ? { id: APPS.get(name), name, state: appState, createdAt: new Date('2026-01-01T00:00:00Z') }
            : null,
        list: async () => [{ id: 'a' }],
      },
    },
    objects: {
      presignPut: async (key: string) => `https://s3.test/${key}`,
      size: async (key: string) => stored.get(key) ?? null,
      listAll: async (prefix: string) =>
        [...stored].filter(([key]) => key.startsWith(prefix)).map(([key, bytes]) => ({ key, bytes })),
      remove: async (keys: string[]) => keys.forEach((key) => stored.delete(key)),
    },
    logArchiveDays,
    signal: () => new AbortController().signal,
    async runRecipe({ recipe, inputs, lock, secrets = [] }: RecipeCall) {
      calls.push(`${recipe} ${inputs['FILE'] ?? ''} under ${lock}`);
      if (recipe === 'batman/list-logs') {
        const first = Number(inputs['SKIP']);
        return { files: files.slice(first, first + most), more: files.length > first + most };
      }
      const at = files.findIndex(({ name }) => name === inputs['FILE']);
      if (recipe === 'batman/remove-log') {
        files.splice(at, 1);
        return { removed: true };
      }
      assert.deepEqual([...secrets], [inputs['URL']]);
      if (files[at]?.bytes === 0) throw new Error('No space left');
      if (files[at]?.bytes !== Number(inputs['BYTES'])) return { uploaded: false };
      stored.set(String(inputs['URL']).slice('https://s3.test/'.length), keeps);
      return { uploaded: true, bytes: 10 };
    },
  } as unknown as ActivityDeps;
  return { ...createLogArchiveActivities(deps), calls, stored, files };
}

test('a file leaves the server once S3 has all of it, under the lock of the removal of its app', async () => {
  const { archiveServerLogs, calls, stored, files } = fakes([file(2), file(3)]);
  assert.deepEqual(await archiveServerLogs({ server: 'one', appId: null }), {
    files: 2,
    bytes: 20,
    skipped: 0,
    failed: [],
  });
  assert.deepEqual(files, []);
  assert.equal(stored.get(KEY_2), 10);
  assert.deepEqual(calls.slice(0, 3), [
    'batman/list-logs  under logs',
    'batman/archive-log web.1.log.20260102T000000.000000Z under app-hello',
    'batman/remove-log web.1.log.20260102T000000.000000Z under app-hello',
  ]);
});

test('a file of which S3 has only a part stays, and so do those after it', async () => {
  const { archiveServerLogs, files } = fakes([file(2), file(3)], { keeps: 9 });
  const { files: count, failed } = await archiveServerLogs({ server: 'one', appId: null });
  assert.equal(count, 0);
  assert.deepEqual(
    failed.map(({ server }) => server),
    ['one'],
  );
  assert.match(failed[0]?.reason ?? '', /The archive has 9 of 10 bytes/);
  assert.equal(files.length, 2);
});

test("what is another app's, of no app, or of one that goes, is left alone", async () => {
  const ofEarlierApp = file(2, { from: '2025-12-31T00:00:00.000000Z' });
  for (const [left, state] of [
    [ofEarlierApp, 'ready'],
    [file(2, { app: 'unknown' }), 'ready'],
    [file(2), 'destroying'],
    [file(2, { name: 'web.1.log' }), 'ready'],
  ] as const) {
    const { archiveServerLogs, files, stored } = fakes([left], { appState: state });
    const done = await archiveServerLogs({ server: 'one', appId: null });
    assert.deepEqual(done, { files: 0, bytes: 0, skipped: 1, failed: [] });
    assert.deepEqual([files.length, stored.size], [1, 0]);
  }
});

test('what is left alone hides none of the files after it, though it fills a page', async () => {
  const strange = [file(2, { app: 'unknown' }), file(3, { app: 'unknown' })];
  const { archiveServerLogs, files } = fakes([...strange, file(4), file(5), file(6)], { most: 2 });
  const done = await archiveServerLogs({ server: 'one', appId: null });
  assert.deepEqual(done, { files: 3, bytes: 30, skipped: 2, failed: [] });
  assert.deepEqual(files, strange);
});

test('a file that fails holds up those of its app, and of no other one', async () => {
  const held = [file(2, { bytes: 0 }), file(3), file(5)];
  const { archiveServerLogs, files } = fakes([...held.slice(0, 2), file(4, { app: 'other' }), file(5)], { most: 2 });
  const done = await archiveServerLogs({ server: 'one', appId: null });
  assert.deepEqual(done, {
    files: 1,
    bytes: 10,
    skipped: 0,
    failed: [{ server: 'one', reason: 'hello: No space left' }],
  });
  assert.deepEqual(files, held);
});

test('a cancelled run ends as cancelled', async () => {
  const cancelled = new DcdgetError('cancelled', 'The step was cancelled');
  const deps = {
    store: { apps: {}, servers: { get: async () => Promise.reject(cancelled) } },
  } as unknown as ActivityDeps;
  const run = createLogArchiveActivities(deps).archiveServerLogs({ server: 'one', appId: null });
  await assert.rejects(run, cancelled);
});

test('what is older than the retention goes, by the time at which it was closed', async () => {
  const { expireLogs, stored } = fakes([]);
  const [young, old] = [29, 31].map((daysAgo) => {
    const at = new Date(Date.now() - daysAgo * 86_400_000).toISOString().replaceAll(/[-:]/g, '').replace('Z', '000Z');
    return `apps/a/logs/web.1/20250101T000000.000000Z_${at}_s1.log.zst`;
  });
  const stranger = 'apps/a/logs/web.1/other';
  for (const key of [young, old, stranger]) stored.set(key ?? '', 1);
  assert.equal(await expireLogs(), 1);
  assert.deepEqual([...stored.keys()], [young, stranger]);
});

test('a run that was pending when the archive was turned off removes nothing', async () => {
  const { expireLogs, stored } = fakes([], { logArchiveDays: 0 });
  stored.set(KEY_2, 10);
  assert.equal(await expireLogs(), 0);
  assert.deepEqual([...stored.keys()], [KEY_2]);
});
