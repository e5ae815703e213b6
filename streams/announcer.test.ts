import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeAuthority } from '../cli/fake-authority.ts';
import type { Operation } from '../domain/operations.ts';
import { freePorts } from '../embedded/ports.ts';
import { createSignatures } from '../store/signatures.ts';
import { createAnnouncer } from './announcer.ts';
import { announcementThing } from './announcements.ts';
import { serveHttp, type Answer } from './http.ts';

const authority = makeAuthority();
const tls = { certificate: authority.server.cert, privateKey: authority.server.key };
const tokens = createSignatures(Buffer.alloc(32, 1));
const silent = { info: () => undefined, error: () => undefined };
const restart = (scope: string) =>
  ({
    kind: 'restart',
    state: 'running',
    appId: 'a',
    subject: 'hello',
    scope,
    change: {},
    actor: { email: 'a@b' },
  }) as unknown as Operation;

async function hubThatAnswers(statuses: number[]) {
  const [port = 0] = await freePorts(1);
  const heard: { path: string; text: string; isAllowed: boolean }[] = [];
  const hear: Answer = async (request, response, url) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    const isAllowed = tokens.isValid(token, announcementThing('hello'));
    const text = body === '' ? '' : (JSON.parse(body) as { text: string }).text;
    heard.push({ path: url.pathname, text, isAllowed });
    response.writeHead(statuses.shift() ?? 204).end();
  };
  const routes = { 'POST /lines': hear, 'DELETE /lines': hear };
  const close = await serveHttp([{ host: '127.0.0.1', port }], tls, routes, silent);
  return { heard, close, httpUrl: `https://127.0.0.1:${port}` };
}

test('announcements come in order, each with a token for its app, also when the hub fails once', async () => {
  const hub = await hubThatAnswers([503]);
  const announcer = createAnnouncer({ httpUrl: hub.httpUrl, ca: authority.ca, tokens, warn: assert.fail });
  for (const scope of ['web.1', 'web.2', 'web.3']) announcer.announce(restart(scope));
  await announcer.close();
  await hub.close();
  const texts = hub.heard.map(({ text }) => text.replace(/Restart of (\S+) by a@b began/, '$1'));
  assert.deepEqual(texts, ['web.1', 'web.1', 'web.2', 'web.3']);
  assert.ok(hub.heard.every(({ path, isAllowed }) => path === '/lines/hello' && isAllowed));
});

test('the hub forgets an app once its destroy is announced', async () => {
  const hub = await hubThatAnswers([]);
  const announcer = createAnnouncer({ httpUrl: hub.httpUrl, ca: authority.ca, tokens, warn: assert.fail });
  announcer.announce({ ...restart('web'), kind: 'destroy', state: 'succeeded' });
  await announcer.close();
  await hub.close();
  assert.deepEqual(
    hub.heard.map(({ path, text, isAllowed }) => [path, text === '' ? 'forget' : 'announce', isAllowed]),
    [
      ['/lines/hello', 'announce', true],
      ['/lines/hello', 'forget', true],
    ],
  );
});

test('a hub that is away holds nobody up, and what was dropped is counted', async () => {
  const [port = 0] = await freePorts(1);
  const announcer = createAnnouncer({
    httpUrl: `https://127.0.0.1:${port}`,
    ca: authority.ca,
    tokens,
    warn: assert.fail,
  });
  const before = Date.now();
  for (let count = 0; count < 2000; count += 1) announcer.announce(restart('web'));
  assert.ok(Date.now() - before < 1000);
  await announcer.close();
  assert.ok(Date.now() - before < 5000);
  await sleep(0);
});

test('without a hub nothing is announced', async () => {
  const announcer = createAnnouncer({ httpUrl: null, ca: '', tokens, warn: assert.fail });
  announcer.announce(restart('web'));
  await announcer.close();
});
