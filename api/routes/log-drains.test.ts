import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addApp, ask, createFakes, OTHER_TOKEN, type Fakes } from '../fake-dependencies.ts';

const URL_ = 'https://user:pass@logs.example.com/in';

async function withApp(): Promise<Fakes> {
  const fakes = createFakes();
  await addApp(fakes);
  return fakes;
}

const add = (fakes: Fakes, url: string) => ask(fakes, 'POST', '/apps/hello/log-drains', { body: { url } });

test('a drain is made, listed, and removed by its token, its URL or its id', async () => {
  const fakes = await withApp();
  for (const word of ['token', 'url', 'id'] as const) {
    const { status, body } = await add(fakes, URL_);
    assert.deepEqual([status, body.url, body.addon], [201, URL_, null]);
    assert.match(body.token, /^d\.[0-9a-f-]{36}$/);
    assert.deepEqual((await ask(fakes, 'GET', '/apps/hello/log-drains')).body, [body]);
    const path = `/apps/hello/log-drains/${encodeURIComponent(body[word])}`;
    assert.equal((await ask(fakes, 'GET', path)).body.id, body.id);
    assert.equal((await ask(fakes, 'DELETE', path)).body.token, body.token);
    assert.equal((await ask(fakes, 'DELETE', path)).status, 404);
  }
  assert.deepEqual(fakes.data.audit.at(-1)?.action, 'delete-log-drain');
});

for (const url of [
  'http://logs.example.com',
  'https://127.0.0.1/in',
  'https://[::1]/in',
  'https://169.254.169.254/latest',
  'https://10.2.0.1/in',
  'syslog+tls://192.168.1.1:6514',
  'syslog+tls://0x7f.1',
]) {
  test(`${url} is refused by name`, async () => {
    const { status, body } = await add(await withApp(), url);
    assert.deepEqual([status, body.field], [422, 'url']);
  });
}

test('what the operator allows is taken', async () => {
  assert.equal((await add(await withApp(), 'syslog+tls://10.1.2.3:6514')).status, 201);
});

test('an app has no drain twice, and not more than ten', async () => {
  const fakes = await withApp();
  for (let count = 1; count <= 10; count += 1)
    assert.equal((await add(fakes, `https://h${count}.example.com`)).status, 201);
  assert.equal((await add(fakes, 'https://h1.example.com')).status, 422);
  assert.equal((await add(fakes, 'https://h11.example.com')).status, 409);
});

test("another user's drains cannot be seen, made or removed", async () => {
  const fakes = await withApp();
  const { body } = await add(fakes, URL_);
  const headers = { authorization: `Bearer ${OTHER_TOKEN}` };
  assert.equal((await ask(fakes, 'GET', '/apps/hello/log-drains', { headers })).status, 404);
  assert.equal((await ask(fakes, 'DELETE', `/apps/hello/log-drains/${body.id}`, { headers })).status, 404);
  assert.equal((await ask(fakes, 'POST', '/apps/hello/log-drains', { headers, body: { url: URL_ } })).status, 404);
});
