import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logKey } from '../../objects/keys.ts';
import { addApp, ask, createFakes, OTHER_TOKEN } from '../fake-dependencies.ts';

const SERVER = '33333333-3333-4333-8333-333333333333';

async function archiveOf(process: string, days: readonly number[]) {
  const fakes = createFakes();
  const appId = await addApp(fakes);
  const at = (day: number) => `2026-01-0${day}T00:00:00.000000Z`;
  for (const day of days) {
    const key = logKey(appId, { process, from: at(day), to: at(day + 1), serverId: SERVER });
    fakes.data.objects.set(key, Buffer.alloc(day));
  }
  fakes.data.objects.set(`apps/${appId}/slugs/x.tar.zst`, Buffer.alloc(1));
  return { fakes, appId };
}

test('the archive of an app is listed in order, with sizes and addresses that need no token', async () => {
  const { fakes, appId } = await archiveOf('web.1', [3, 1, 2]);
  const { status, body } = await ask(fakes, 'GET', '/apps/hello/log-archives');
  assert.equal(status, 200);
  assert.deepEqual(
    body.map(({ process, from, to, size }: Record<string, unknown>) => [process, from, to, size]),
    [1, 2, 3].map((day) => ['web.1', `2026-01-0${day}T00:00:00.000000Z`, `2026-01-0${day + 1}T00:00:00.000000Z`, day]),
  );
  assert.equal(body[0].name, 'web.1.20260101T000000.000000Z_20260102T000000.000000Z.33333333.log.zst');
  assert.match(body[0].url, new RegExp(`^https://s3\\.test/apps/${appId}/logs/web\\.1/.*\\?valid=3600$`));
});

test('the archive is listed by process, by type and by time', async () => {
  const { fakes } = await archiveOf('web.1', [1, 2, 3]);
  const count = async (query: string) => (await ask(fakes, 'GET', `/apps/hello/log-archives?${query}`)).body.length;
  assert.equal(await count('process=web'), 3);
  assert.equal(await count('process=web.1'), 3);
  assert.equal(await count('process=web.11'), 0);
  assert.equal(await count('since=2026-01-03T12:00:00Z'), 1);
  for (const [query, field] of [
    ['process=../x', 'process'],
    ['since=yesterday', 'since'],
  ]) {
    const { status, body } = await ask(fakes, 'GET', `/apps/hello/log-archives?${query}`);
    assert.deepEqual([status, body.field], [422, field]);
  }
});

test("another user's archive is not there", async () => {
  const { fakes } = await archiveOf('web.1', [1]);
  const headers = { authorization: `Bearer ${OTHER_TOKEN}` };
  assert.equal((await ask(fakes, 'GET', '/apps/hello/log-archives', { headers })).status, 404);
  assert.equal((await ask(fakes, 'POST', '/apps/hello/log-archives', { headers })).status, 404);
  assert.deepEqual(fakes.data.archivesAsked, []);
});

test('archiving can be asked for at once, unless it is off', async () => {
  const fakes = createFakes();
  const appId = await addApp(fakes);
  const { status, body } = await ask(fakes, 'POST', '/apps/hello/log-archives');
  assert.deepEqual([status, body], [200, { files: 2, size: 30, failed: [] }]);
  assert.deepEqual(fakes.data.archivesAsked, [appId]);
  const off = createFakes({ logArchiveDays: 0 });
  await addApp(off);
  assert.equal((await ask(off, 'POST', '/apps/hello/log-archives')).status, 409);
  assert.deepEqual(off.data.archivesAsked, []);
});
