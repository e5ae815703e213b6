import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { signatureOf } from '../deliveries.ts';
import {
  addApp,
  addReadyServer,
  ask,
  createFakes,
  OTHER_TOKEN,
  type Answer,
  type Fakes,
} from '../fake-dependencies.ts';

const REPOSITORY = 'https://example.com/ada/app.git';

type World = Fakes & { hook: { id: string; url: string; secret: string; branch: string } };

async function world(more: object = {}): Promise<World> {
  const fakes = createFakes();
  await addApp(fakes);
  addReadyServer(fakes);
  const { status, body } = await ask(fakes, 'POST', '/apps/hello/hooks', {
    body: { git: { url: REPOSITORY, token: 'token-of-repository' }, ...more },
  });
  assert.equal(status, 201, body.message);
  return { ...fakes, hook: body };
}

function send(fakes: World, body: string, headers: Record<string, string>): Promise<Answer> {
  const { pathname } = new URL(fakes.hook.url);
  return ask(fakes, 'POST', pathname, { body, headers: { authorization: '', ...headers } });
}

function github(
  fakes: World,
  told: object,
  { id = randomUUID() as string, event = 'push', secret = fakes.hook.secret } = {},
) {
  const body = JSON.stringify(told);
  return send(fakes, body, {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': id,
    'x-hub-signature-256': signatureOf(body, secret),
  });
}

function own(fakes: World, told: object, secret = fakes.hook.secret) {
  const body = JSON.stringify(told);
  return send(fakes, body, { 'dcdget-signature': signatureOf(body, secret) });
}

const push = (more: object = {}) => ({ ref: 'refs/heads/main', after: 'a'.repeat(40), pushed: randomUUID(), ...more });

test('a push of GitHub to the branch deploys the repository of the hook, for whom made it', async () => {
  const fakes = await world();
  const { status, body } = await github(fakes, push());
  assert.deepEqual([status, body.status, body.release.version], [202, 'deploying', 2], body.message);
  const [build] = fakes.data.builds.values();
  assert.deepEqual(build?.origin, { kind: 'git', url: REPOSITORY, ref: 'main' });
  assert.equal(build.user.email, 'ada@example.com');
  const secret = { kind: 'git', user: 'x-access-token', token: 'token-of-repository' };
  assert.deepEqual(fakes.data.originSecrets.get(build.id), secret);
  assert.equal(fakes.data.operations.get(body.operation.id)?.kind, 'deploy');
  const [listed] = (await ask(fakes, 'GET', '/apps/hello/hooks')).body;
  assert.equal(listed.delivery.outcome, 'deploying');
  assert.doesNotMatch(JSON.stringify(listed), /token-of-repository|"secret"/);
});

test('the form of our own does the same, with a branch or a ref', async () => {
  const fakes = await world({ branch: 'release/1.x' });
  assert.equal((await own(fakes, { ref: 'release/1.x', delivery: 'run-1' })).status, 202);
  assert.equal((await own(fakes, { ref: 'refs/heads/release/1.x', delivery: 'run-2' })).status, 202);
  assert.equal((await own(fakes, { ref: 'main', delivery: 'run-3' })).body.reason, 'only release/1.x deploys');
});

test('what is not signed with the secret is turned away before anything in it is read', async () => {
  const fakes = await world();
  const body = JSON.stringify(push());
  const rightly = signatureOf(body, fakes.hook.secret);
  for (const headers of [
    {},
    { 'x-hub-signature-256': signatureOf(body, 'wrong') },
    { 'x-hub-signature-256': rightly.slice(0, -1) },
    { 'x-hub-signature-256': rightly.replace('sha256', 'sha1') },
    { 'x-hub-signature': rightly },
    { 'dcdget-signature': signatureOf('{}', fakes.hook.secret) },
    { authorization: `Bearer ${OTHER_TOKEN}` },
  ] as Record<string, string>[]) {
    const answer = await send(fakes, body, { 'x-github-event': 'push', 'x-github-delivery': 'one', ...headers });
    assert.equal(answer.status, 401, JSON.stringify(headers));
  }
  assert.equal((await send(fakes, 'not json', { 'dcdget-signature': 'sha256=00' })).status, 401);
  assert.equal(fakes.data.builds.size, 0);
  assert.equal(fakes.data.deliveries.size, 0);
});

test('a delivery that comes again is ignored, under its own name and under another', async () => {
  const fakes = await world();
  const told = push();
  assert.equal((await github(fakes, told, { id: 'one' })).status, 202);
  for (const id of ['one', 'two']) {
    const again = await github(fakes, told, { id });
    assert.deepEqual([again.status, again.body.reason], [200, 'this delivery was taken before']);
  }
  assert.equal((await github(fakes, push(), { id: 'one' })).body.status, 'ignored');
  assert.equal((await own(fakes, { ref: 'main', delivery: 'a' })).status, 202);
  assert.equal((await own(fakes, { ref: 'main', delivery: 'a', more: 1 })).body.status, 'ignored');
  // Both forms are signed alike: the body of one is known again in the other.
  assert.equal((await github(fakes, { ref: 'main', delivery: 'a' }, { id: 'three' })).body.status, 'ignored');
  assert.equal(fakes.data.builds.size, 2);
});

test('a delivery whose deploy could not begin may come again', async () => {
  const fakes = await world();
  const told = push();
  fakes.data.hasWorker = false;
  assert.equal((await github(fakes, told, { id: 'one' })).status, 503);
  fakes.data.hasWorker = true;
  assert.equal((await github(fakes, told, { id: 'one' })).status, 202);
});

test('a ping, a tag, a deletion and another branch deploy nothing and are answered', async () => {
  const fakes = await world();
  for (const [told, event] of [
    [{ zen: 'x' }, 'ping'],
    [push({ ref: 'refs/tags/v1' }), 'push'],
    [push({ ref: 'refs/heads/other' }), 'push'],
    [push({ deleted: true }), 'push'],
    [push({ after: '0'.repeat(40) }), 'push'],
  ] as const) {
    const { status, body } = await github(fakes, told, { event });
    assert.deepEqual([status, body.status], [200, 'ignored'], JSON.stringify(told));
  }
  assert.equal(fakes.data.builds.size, 0);
});

test('what is signed but says something else names the field', async () => {
  const fakes = await world();
  assert.equal((await own(fakes, { ref: 'main' })).body.field, 'delivery');
  assert.equal((await own(fakes, { delivery: 'a' })).body.field, 'ref');
  assert.equal((await own(fakes, [])).body.field, 'body');
  assert.equal((await github(fakes, push(), { id: '' })).body.field, 'x-github-delivery');
});

test('a secret is shown once, and the one before it ends with the new one', async () => {
  const fakes = await world();
  const rotated = await ask(fakes, 'POST', `/apps/hello/hooks/${fakes.hook.id}/actions/rotate`);
  assert.equal(rotated.status, 200);
  assert.notEqual(rotated.body.secret, fakes.hook.secret);
  assert.equal((await github(fakes, push())).status, 401);
  assert.equal((await github(fakes, push(), { secret: rotated.body.secret })).status, 202);
  const secret = { kind: 'git', user: 'x-access-token', token: 'token-of-repository' };
  assert.deepEqual([...fakes.data.originSecrets.values()], [secret]);
});

test('a hook that is removed, of another app or of nobody is not there', async () => {
  const fakes = await world();
  await addApp(fakes, 'other');
  const sent = (url: string) => send({ ...fakes, hook: { ...fakes.hook, url } }, '{}', {});
  assert.equal((await sent(fakes.hook.url.replace('/hello/', '/other/'))).status, 404);
  assert.equal((await sent(fakes.hook.url.replace('/hello/', '/nobody/'))).status, 404);
  assert.equal((await ask(fakes, 'DELETE', `/apps/hello/hooks/${fakes.hook.id}`)).status, 200);
  assert.equal((await github(fakes, push())).status, 404);
});

test('hooks are for whom the app is, and for ten repositories at most', async () => {
  const fakes = await world();
  const headers = { authorization: `Bearer ${OTHER_TOKEN}` };
  assert.equal((await ask(fakes, 'GET', '/apps/hello/hooks', { headers })).status, 404);
  const rotate = `/apps/hello/hooks/${fakes.hook.id}/actions/rotate`;
  assert.equal((await ask(fakes, 'POST', rotate, { headers })).status, 404);
  const add = (git: object, branch = 'main') => ask(fakes, 'POST', '/apps/hello/hooks', { body: { git, branch } });
  assert.equal((await add({ url: 'ssh://example.com/a.git' })).body.field, 'git.url');
  assert.equal((await add({ url: 'https://127.0.0.1/a.git' })).body.field, 'git.url');
  assert.equal((await add({ url: REPOSITORY }, 'a;id')).body.field, 'branch');
  for (let number = 2; number <= 10; number += 1) assert.equal((await add({ url: REPOSITORY })).status, 201);
  assert.equal((await add({ url: REPOSITORY })).status, 409);
});
