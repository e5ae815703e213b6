import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addApp, ask, createFakes, OTHER_TOKEN } from '../fake-dependencies.ts';

test('main and master deploy until another branch is chosen, and again when it is taken back', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  const usual = { chosen: null, deploys: ['main', 'master'], name: null, commit: null };
  assert.deepEqual((await ask(fakes, 'GET', '/apps/hello/branch')).body, usual);
  const chosen = await ask(fakes, 'PATCH', '/apps/hello/branch', { body: { chosen: 'release/1.x' } });
  assert.deepEqual(chosen.body, { ...usual, chosen: 'release/1.x', deploys: ['release/1.x'] });
  assert.deepEqual((await ask(fakes, 'PATCH', '/apps/hello/branch', { body: { chosen: null } })).body, usual);
  assert.deepEqual(
    fakes.data.audit.slice(-2).map(({ action }) => action),
    ['git:branch: release/1.x', 'git:branch: the usual ones'],
  );
});

test('a branch whose name git or a shell could take for something else is refused', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  for (const chosen of [
    '',
    '-x',
    'a..b',
    'a b',
    'a;id',
    '$(id)',
    'a/',
    '/a',
    'a.lock',
    'refs/heads//x',
    'x'.repeat(101),
  ]) {
    const { status, body } = await ask(fakes, 'PATCH', '/apps/hello/branch', { body: { chosen } });
    assert.deepEqual([chosen, status, body.field], [chosen, 422, 'chosen']);
  }
});

test("another user's app has no branch to be seen or chosen", async () => {
  const fakes = createFakes();
  await addApp(fakes);
  const headers = { authorization: `Bearer ${OTHER_TOKEN}` };
  assert.equal((await ask(fakes, 'GET', '/apps/hello/branch', { headers })).status, 404);
  assert.equal((await ask(fakes, 'PATCH', '/apps/hello/branch', { headers, body: { chosen: 'x' } })).status, 404);
});
