import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AddressInfo } from 'node:net';
import { makeAuthority } from './fake-authority.ts';
import { CliError, EXIT } from './errors.ts';
import { FakeApi } from './fake-api.ts';
import { send, type Call } from './http.ts';

function get(url: string, ca?: string): Call {
  return { method: 'GET', url: new URL(url), headers: {}, ca };
}

async function failureOf(promise: Promise<unknown>): Promise<CliError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CliError) return error;
  throw new Error('it did not fail with a CliError', { cause: error });
}

test('an answer is given with status, headers and text', async () => {
  await using api = await new FakeApi().listen();
  api.on('GET /x', { status: 201, headers: { 'dcdget-operation': 'op' }, body: 'text' });
  const answer = await send(get(`${api.url}/x`), 5_000);
  deepStrictEqual([answer.status, answer.headers['dcdget-operation'], answer.text], [201, 'op', 'text']);
});

test('a certificate of a private CA is accepted with that CA only', async () => {
  const authority = makeAuthority();
  await using api = await new FakeApi(authority.server).listen();
  api.on('GET /x', { body: 'text' });
  strictEqual((await send(get(`${api.url}/x`, authority.ca), 5_000)).text, 'text');
  const refused = await failureOf(send(get(`${api.url}/x`), 5_000));
  deepStrictEqual([refused.id, refused.exitCode], ['tls', EXIT.unreachable]);
  match(
    refused.message,
    /^The certificate of https:\/\/127\.0\.0\.1:\d+ is signed by a CA that is not trusted here\.$/,
  );
  match(refused.hint ?? '', /DCDGET_CA/);
  const other = await failureOf(send(get(`${api.url}/x`, makeAuthority().ca), 5_000));
  strictEqual(other.id, 'tls');
});

test('a certificate for another host name is told apart from an unknown CA', async () => {
  const authority = makeAuthority('other.example');
  await using api = await new FakeApi(authority.server).listen();
  match((await failureOf(send(get(api.url, authority.ca), 5_000))).message, /another host name/);
});

test('TLS towards a plain HTTP port says so', async () => {
  await using api = await new FakeApi().listen();
  match((await failureOf(send(get(api.url.replace('http:', 'https:')), 5_000))).message, /does not speak TLS/);
});

test('a port where nothing listens is told with the URL', async (t) => {
  const failure = await failureOf(send(get(`http://127.0.0.1:${await closedPort()}/x?token=secret`), 5_000));
  match(failure.message, /^Nothing listens at http:\/\/127\.0\.0\.1:\d+\.$/);
  strictEqual(failure.exitCode, EXIT.unreachable);
  t.diagnostic(failure.hint ?? '');
});

test('a host name without an address is told by name', async () => {
  match((await failureOf(send(get('http://dcdget.invalid/'), 10_000))).message, /host name dcdget\.invalid/);
});

test('a server that says nothing ends at the deadline, with the query kept out of the sentence', async (t) => {
  const url = await silentServer(t);
  const failure = await failureOf(send(get(`${url}/x?token=secret`), 200));
  deepStrictEqual([failure.id, failure.message], ['timeout', `${url}/x did not answer within 0.2 s.`]);
});

test('a connection closed in the middle of an answer is a failure', async (t) => {
  const url = await server(t, (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'));
  strictEqual((await failureOf(send(get(url), 5_000))).id, 'unreachable');
});

test('a file is sent whole with its length, and its progress is told', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-http-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  const content = Buffer.alloc(300_000, 'x');
  writeFileSync(path, content);
  await using api = await new FakeApi().listen();
  api.on('PUT /blob', { body: '' });
  let sent = 0;
  const body = { path, bytes: content.length, onProgress: (bytes: number) => (sent = bytes) };
  await send({ ...get(`${api.url}/blob`), method: 'PUT', body }, 5_000);
  deepStrictEqual(api.seen[0]?.body, content);
  strictEqual(api.seen[0]?.headers['content-length'], '300000');
  strictEqual(sent, 300_000);
});

test('a file that cannot be read fails the upload instead of hanging it', async () => {
  await using api = await new FakeApi().listen();
  const body = { path: '/nonexistent', bytes: 10 };
  await rejects(send({ ...get(`${api.url}/blob`), method: 'PUT', body }, 5_000), /ENOENT/);
});

async function closedPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function silentServer(t: TestContext): Promise<string> {
  return server(t, () => undefined);
}

async function server(t: TestContext, onConnection: (socket: import('node:net').Socket) => void): Promise<string> {
  const sockets = new Set<import('node:net').Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
}
