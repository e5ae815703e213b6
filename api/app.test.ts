import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addApp, ask, createFakes, OTHER_TOKEN, TOKEN } from './fake-dependencies.ts';

test('every route but the anonymous ones wants a token, unknown routes included', async () => {
  const fakes = createFakes();
  const anonymous = { headers: { authorization: '' } };
  for (const url of ['/apps', '/account', '/servers', '/operations', '/no-such-route', '/apps/hello/config-vars']) {
    const { status, body } = await ask(fakes, 'GET', url, anonymous);
    assert.deepEqual([url, status, body.id], [url, 401, 'unauthorized']);
  }
  for (const url of ['/health', '/ca.pem', '/openapi.json']) {
    assert.equal((await ask(fakes, 'GET', url, anonymous)).status, 200, url);
  }
});

test('a token is taken as Bearer and as the password of any Basic user', async () => {
  const fakes = createFakes();
  const basic = Buffer.from(`whoever:${TOKEN}`).toString('base64');
  assert.equal((await ask(fakes, 'GET', '/account')).body.email, 'ada@example.com');
  assert.equal((await ask(fakes, 'GET', '/account', { headers: { authorization: `Basic ${basic}` } })).status, 200);
  for (const authorization of ['Bearer wrong', 'Bearer', 'Basic !!', `Digest ${TOKEN}`, TOKEN]) {
    assert.equal((await ask(fakes, 'GET', '/account', { headers: { authorization } })).status, 401, authorization);
  }
});

test("another user's app is answered like a missing one", async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  const asBob = { headers: { authorization: `Bearer ${OTHER_TOKEN}` } };
  for (const key of ['hello', id]) {
    for (const path of ['', '/config-vars', '/releases', '/dynos', '/builds']) {
      const { status, body } = await ask(fakes, 'GET', `/apps/${key}${path}`, asBob);
      assert.deepEqual([status, body.id], [404, 'not_found'], path);
    }
  }
  assert.equal((await ask(fakes, 'DELETE', '/apps/hello', asBob)).status, 404);
  assert.deepEqual((await ask(fakes, 'GET', '/apps', asBob)).body, []);
});

test('an unknown route is a 404 in the shape of all errors, without the query', async () => {
  const { status, body } = await ask(createFakes(), 'GET', '/nope?token=secret');
  assert.equal(status, 404);
  assert.deepEqual(body, { id: 'not_found', message: "Couldn't find that route: GET /nope." });
});

test('a body of the wrong type is refused with the field that is wrong', async () => {
  const fakes = createFakes();
  const { status, body } = await ask(fakes, 'POST', '/apps', { body: { name: 3 } });
  assert.deepEqual([status, body.id, body.field], [422, 'invalid_params', 'name']);
  assert.equal(fakes.data.apps.size, 0);
});

test('broken JSON and a body of another type are bad requests', async () => {
  const fakes = createFakes();
  const json = { 'content-type': 'application/json' };
  assert.equal((await ask(fakes, 'POST', '/apps', { body: '{"name":', headers: json })).status, 400);
  const xml = await ask(fakes, 'POST', '/apps', { body: '<a/>', headers: { 'content-type': 'text/xml' } });
  assert.deepEqual([xml.status, xml.body.id], [400, 'bad_request']);
});

test('a body larger than a mebibyte is refused', async () => {
  const { status, body } = await ask(createFakes(), 'POST', '/apps', { body: { name: 'x'.repeat(1_100_000) } });
  assert.deepEqual([status, body.id], [413, 'too_large']);
});

test('a POST without body and type, or with a type only, is accepted', async () => {
  const fakes = createFakes();
  assert.equal((await ask(fakes, 'POST', '/sources')).status, 201);
  assert.equal((await ask(fakes, 'POST', '/apps', { headers: { 'content-type': 'application/json' } })).status, 201);
  const heroku = { 'content-type': 'application/vnd.heroku+json; version=3' };
  assert.equal((await ask(fakes, 'POST', '/apps', { body: '{"name":"typed"}', headers: heroku })).status, 201);
});

test("the first of the caller's request ids comes back, a strange one does not", async () => {
  const fakes = createFakes();
  const id = 'f3a1c6a0-0000-4000-8000-000000000001';
  const mine = await ask(fakes, 'GET', '/account', { headers: { 'request-id': `${id},${'b'.repeat(7000)}` } });
  assert.equal(mine.headers['request-id'], id);
  const strange = await ask(fakes, 'GET', '/account', { headers: { 'request-id': '<script>' } });
  assert.match(String(strange.headers['request-id']), /^[0-9a-f-]{36}$/);
});

test('what breaks inside is told without its words', async () => {
  const fakes = createFakes();
  fakes.deps.store.servers.list = () => Promise.reject(new Error('password hunter2 refused'));
  const { status, body } = await ask(fakes, 'GET', '/servers');
  assert.deepEqual([status, body.id], [500, 'internal']);
  assert.doesNotMatch(JSON.stringify(body), /hunter2/);
});

test('health names the part that does not answer', async () => {
  const fakes = createFakes();
  assert.deepEqual((await ask(fakes, 'GET', '/health')).body, { status: 'ok' });
  fakes.deps.objects.ping = () => Promise.reject(new Error('refused'));
  const { status, body } = await ask(fakes, 'GET', '/health');
  assert.deepEqual([status, body.message], [503, 'No answer from the object store.']);
});
