import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addApp, ask, createFakes, type Fakes } from '../fake-dependencies.ts';

async function appWithReleases(count: number): Promise<Fakes> {
  const fakes = createFakes();
  await addApp(fakes);
  for (let version = 2; version <= count; version += 1) {
    await ask(fakes, 'PATCH', '/apps/hello/config-vars', { body: { A: String(version) } });
  }
  return fakes;
}

async function versions(fakes: Fakes, range: string) {
  const { status, body, headers } = await ask(fakes, 'GET', '/apps/hello/releases', { headers: { range } });
  return {
    status,
    next: headers['next-range'],
    versions: body.map?.((release: { version: number }) => release.version),
  };
}

test('without a range the whole list is sent in its own order', async () => {
  const fakes = await appWithReleases(3);
  assert.deepEqual(await versions(fakes, ''), { status: 200, next: undefined, versions: [1, 2, 3] });
});

test('max=1 and order=desc give the newest alone, and where to go on', async () => {
  const fakes = await appWithReleases(3);
  const answer = await versions(fakes, 'version ..; order=desc,max=1');
  assert.deepEqual(answer, { status: 206, next: 'version ]3..; max=1, order=desc', versions: [3] });
});

test('following Next-Range visits everything once and ends', async () => {
  const fakes = await appWithReleases(7);
  for (const order of ['', ', order=desc']) {
    const seen: number[] = [];
    let range: string | undefined = `version ..; max=3${order}`;
    for (let pages = 0; range !== undefined && pages < 10; pages += 1) {
      const answer = await versions(fakes, range);
      seen.push(...answer.versions);
      range = answer.next as string | undefined;
    }
    const all = [1, 2, 3, 4, 5, 6, 7];
    assert.deepEqual(seen, order === '' ? all : all.toReversed());
  }
});

test('numbers are compared as numbers', async () => {
  const fakes = await appWithReleases(12);
  assert.deepEqual((await versions(fakes, 'version 9..11')).versions, [9, 10, 11]);
  assert.deepEqual((await versions(fakes, 'version ]9..; max=2;')).versions, [10, 11]);
});

test('a range that is not understood is left out, one by an unknown field is a bad request', async () => {
  const fakes = await appWithReleases(2);
  for (const range of ['', 'bytes', 'version', ';;;']) assert.equal((await versions(fakes, range)).status, 200, range);
  assert.equal((await versions(fakes, 'color ..; max=3')).status, 400);
});

test('items of one value stay on one page, so that none is lost', async () => {
  const fakes = createFakes();
  await Promise.all(['one', 'two', 'three'].map((name) => addApp(fakes, name)));
  for (const app of fakes.data.apps.values()) app.updatedAt = new Date(0);
  const { status, body } = await ask(fakes, 'GET', '/apps', { headers: { range: 'updated_at ..; max=1' } });
  assert.deepEqual([status, body.length], [200, 3]);
});
