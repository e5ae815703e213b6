import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { FakeApi } from './fake-api.ts';
import { dcdget } from './fake-cli.ts';

type Hub = { url: string; lastIds: (string | undefined)[] };
type Answer = (response: ServerResponse, request: number) => void;

/** A log hub whose n-th connection is answered by the test. */
async function startHub(t: TestContext, answer: Answer): Promise<Hub> {
  const hub: Hub = { url: '', lastIds: [] };
  const server = createServer((request, response) => {
    hub.lastIds.push(request.headers['last-event-id'] as string | undefined);
    answer(response, hub.lastIds.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  hub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/logs?session=x`;
  return hub;
}

async function startApi(t: TestContext, { url }: Hub): Promise<FakeApi> {
  const api = await new FakeApi().listen();
  t.after(() => api[Symbol.asyncDispose]());
  return api.on('POST /apps/hello/log-sessions', {
    status: 201,
    body: { id: 'x', logplex_url: url, created_at: '', updated_at: '' },
  });
}

function open(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream' });
}

const event = (id: number, text: string) => `id: ${id}\ndata: 2026-01-01T00:00:00.000000+00:00 ${text}\n\n`;

test('logs prints the lines and ends', async (t) => {
  const hub = await startHub(t, (response) =>
    open(response).end(event(1, 'app[web.1]: one') + event(2, 'dcdget[web.1]: two') + 'retry: 10\n\n'),
  );
  const api = await startApi(t, hub);
  const run = await dcdget(api, ['logs', '-a', 'hello', '-n', '5', '--ps', 'web', '--source', 'app']);
  strictEqual(run.exitCode, 0, run.stderr);
  deepStrictEqual(run.stdout.split('\n').slice(0, 2), [
    '2026-01-01T00:00:00.000000+00:00 app[web.1]: one',
    '2026-01-01T00:00:00.000000+00:00 dcdget[web.1]: two',
  ]);
  const [asked] = api.requestsTo('POST /apps/hello/log-sessions');
  deepStrictEqual(JSON.parse(asked?.body.toString() ?? ''), { lines: 5, tail: false, dyno: 'web', source: 'app' });
});

test('what an app prints cannot move the cursor, unless --raw', async (t) => {
  const hub = await startHub(t, (response) => open(response).end(event(1, 'app[web.1]: \u001b[2J\u0007evil\ttab')));
  const api = await startApi(t, hub);
  const safe = await dcdget(api, ['logs', '-a', 'hello']);
  match(safe.stdout, /app\[web\.1\]: evil\ttab\n$/);
  const raw = await dcdget(api, ['logs', '-a', 'hello', '--raw']);
  ok(raw.stdout.includes('\u001b[2J\u0007evil'));
});

test('each process has a colour of its own', async (t) => {
  const lines = event(1, 'app[web.1]: a') + event(2, 'app[web.2]: b') + event(3, 'app[web.1]: c');
  const api = await startApi(t, await startHub(t, (response) => open(response).end(lines)));
  const { stdout } = await dcdget(api, ['logs', '-a', 'hello'], { env: { FORCE_COLOR: '1' } });
  const colors = [...stdout.matchAll(/^\u001b\[(\d+)m/gm)].map(([, color]) => color);
  strictEqual(colors.length, 3);
  strictEqual(colors[0], colors[2]);
  ok(colors[0] !== colors[1]);
});

test('--tail goes on behind the last line when the connection breaks or the session is over', async (t) => {
  const hub = await startHub(t, (response, request) => {
    if (request === 2) return void response.writeHead(403).end();
    open(response).write(event(request, `app[web.1]: of connection ${request}`));
    if (request === 1) setTimeout(() => response.destroy(), 50);
  });
  const api = await startApi(t, hub);
  const run = await dcdget(api, ['logs', '--tail', '-a', 'hello'], { interruptAfter: 'of connection 3' });
  match(run.stdout, /of connection 1\n.*of connection 3\n/);
  deepStrictEqual(hub.lastIds, [undefined, '1', '1']);
  strictEqual(api.requestsTo('POST /apps/hello/log-sessions').length, 3);
  match(run.stderr, /Connecting again/);
});

test('what the API refuses is told', async (t) => {
  const api = await startApi(t, { url: '', lastIds: [] });
  api.on('POST /apps/hello/log-sessions', { status: 503, body: { id: 'unavailable', message: 'No log hub.' } });
  const run = await dcdget(api, ['logs', '--tail', '-a', 'hello']);
  strictEqual(run.exitCode, 1);
  match(run.stderr, /No log hub\./);
  strictEqual(api.requestsTo('POST /apps/hello/log-sessions').length, 1);
});

test('drains are listed, added and removed by URL', async (t) => {
  const api = await startApi(t, { url: '', lastIds: [] });
  const drain = { id: 'i', url: 'https://logs.example.com/in', token: 'd.1', created_at: '2026-01-02T03:04:05.000Z' };
  api.on('GET /apps/hello/log-drains', { body: [drain] });
  api.on('POST /apps/hello/log-drains', { status: 201, body: drain });
  api.on(`DELETE /apps/hello/log-drains/${encodeURIComponent(drain.url)}`, { body: drain });
  match((await dcdget(api, ['drains', '-a', 'hello'])).stdout, /https:\/\/logs\.example\.com\/in +d\.1/);
  match((await dcdget(api, ['drains:add', drain.url, '-a', 'hello'])).stdout, /goes to .* too, as d\.1/);
  match((await dcdget(api, ['drains:remove', drain.url, '-a', 'hello'])).stdout, /no more/);
  const [added] = api.requestsTo('POST /apps/hello/log-drains');
  deepStrictEqual(JSON.parse(added?.body.toString() ?? ''), { url: drain.url });
});
