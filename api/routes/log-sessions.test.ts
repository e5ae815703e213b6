import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLogSession } from '../../streams/sessions.ts';
import { addApp, ask, createFakes, OTHER_TOKEN } from '../fake-dependencies.ts';

async function session(body: object) {
  const fakes = createFakes();
  await addApp(fakes);
  const answer = await ask(fakes, 'POST', '/apps/hello/log-sessions', { body });
  const url = answer.body.logplex_url === undefined ? null : new URL(answer.body.logplex_url);
  return { ...answer, url, session: url === null ? null : readLogSession(url, fakes.signatures) };
}

test('a log session is a URL of the log hub that needs no credentials and names one app', async () => {
  const { status, url, session: made, body } = await session({ dyno: 'web.1', source: 'app', lines: 7, tail: true });
  assert.equal(status, 201);
  assert.equal(url?.origin, 'https://streams.test:8444');
  assert.match(body.id, /^[0-9a-f-]{36}$/);
  assert.ok(made !== null && made.since > 0);
  assert.deepEqual(
    { ...made, since: 0 },
    { app: 'hello', since: 0, process: 'web.1', source: 'app', lines: 7, tail: true },
  );
});

test('the words of the schema, null and nothing are understood too', async () => {
  assert.equal((await session({ dyno_name: 'web' })).session?.process, 'web');
  assert.equal((await session({ type: 'worker', dyno: null })).session?.process, 'worker');
  const { session: bare } = await session({});
  assert.deepEqual([bare?.process, bare?.source, bare?.lines, bare?.tail], [null, null, 100, false]);
});

test("the platform's own lines are called heroku by Heroku's clients", async () => {
  assert.equal((await session({ source: 'heroku' })).session?.source, 'dcdget');
});

test('no more than 1500 lines are shown', async () => {
  assert.equal((await session({ lines: 100_000 })).session?.lines, 1500);
});

for (const [field, value] of [
  ['dyno', 'web 1'],
  ['dyno', '../x'],
  ['type', 'WEB'],
  ['source', 'postgres'],
  ['lines', -1],
  ['lines', 'ten'],
  ['tail', 'yes'],
] as const) {
  test(`${field}: ${JSON.stringify(value)} is refused by name`, async () => {
    const { status, body } = await session({ [field]: value });
    assert.deepEqual([status, body.field], [422, field]);
  });
}

test("another user's app has no log session", async () => {
  const fakes = createFakes();
  await addApp(fakes);
  const { status } = await ask(fakes, 'POST', '/apps/hello/log-sessions', {
    body: {},
    headers: { authorization: `Bearer ${OTHER_TOKEN}` },
  });
  assert.equal(status, 404);
});

test('a dcdget without a log hub says so', async () => {
  const fakes = createFakes({ streamsUrl: null });
  await addApp(fakes);
  const { status, body } = await ask(fakes, 'POST', '/apps/hello/log-sessions', { body: {} });
  assert.deepEqual([status, body.message], [503, 'This dcdget has no log hub.']);
});
