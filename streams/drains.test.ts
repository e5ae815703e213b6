import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTls, type TLSSocket } from 'node:tls';
import { makeAuthority } from '../cli/fake-authority.ts';
import type { Drain } from '../domain/drains.ts';
import { createGate } from '../sources/gate.ts';
import type { AppLog } from './app-log.ts';
import { startDrains, type DrainGate } from './drains.ts';
import { createFrameReader } from './frames.ts';
import { nowText } from './lines.ts';
import { createLogs, type Logs } from './logs.ts';
import { openSegments } from './segments.ts';

const APP = 'drained';
const TIMES = { lookMs: 20, batchMs: 10, pauseMs: 5, tellMs: 50 };
const silent = { info: () => undefined, error: () => undefined };
const authority = makeAuthority();
const { cert, key } = authority.server;
const openGate: DrainGate = { addressesOf: async () => ['127.0.0.1'] };

type Posted = { headers: IncomingHttpHeaders; body: string };

suite('drains', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-drains-'));
  const placesFile = join(folder, 'drains.json');
  let logs: Logs;
  let log: AppLog;
  let drains: Drain[] = [];
  const endings: (() => Promise<void> | void)[] = [];
  let number = 0;

  before(async () => {
    logs = createLogs(openSegments(folder, { totalBytes: 1e8, appBytes: 1e8 }));
    ({ log } = await logs.use(APP));
  });
  after(async () => {
    await logs.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end();
    rmSync(placesFile, { force: true });
  });

  function start(url: string, gate = openGate): Drain {
    const drain = { id: 'i', appId: 'a', appName: APP, url, token: 'd.token', createdAt: new Date() };
    drains = [drain];
    endings.push(
      startDrains({ logs, list: async () => drains, gate, ca: [authority.ca], log: silent, placesFile }, TIMES),
    );
    return drain;
  }

  function write(...texts: string[]): void {
    for (const text of texts) {
      number += 1;
      log.accept({ at: nowText(), source: 'app', process: 'web.1', text, run: 'run-0001', number });
    }
  }

  /** Answers with the statuses, then with 200. */
  async function collector(statuses: number[] = []): Promise<{ url: string; posted: Posted[] }> {
    const posted: Posted[] = [];
    const server = createHttps({ cert, key }, (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        posted.push({ headers: request.headers, body });
        response.writeHead(statuses.shift() ?? 200, { location: '/elsewhere' }).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/in?x=1`, posted };
  }

  async function until(isThere: () => boolean, awaited: string): Promise<void> {
    const endsAt = Date.now() + 10_000;
    while (!isThere()) {
      if (Date.now() > endsAt) assert.fail(`${awaited} did not come`);
      await sleep(5);
    }
  }

  const framesOf = (posted: readonly Posted[]) =>
    posted.flatMap(({ body }) => createFrameReader()(Buffer.from(body)).map((text) => text.trimEnd()));

  test('an https drain gets what comes, in order, in batches as Heroku posts them', async () => {
    write('before the drain');
    await sleep(5);
    const { url, posted } = await collector();
    start(url);
    write('one', 'two', 'größer');
    await until(() => framesOf(posted).length === 3, 'three lines');
    const [first] = posted;
    assert.equal(first?.headers['content-type'], 'application/logplex-1');
    assert.equal(first?.headers['logplex-drain-token'], 'd.token');
    assert.equal(Number(first?.headers['logplex-msg-count']), framesOf(posted.slice(0, 1)).length);
    assert.match(framesOf(posted)[0] ?? '', /^<190>1 \S+\+00:00 host app web\.1 - one$/);
    assert.deepEqual(
      framesOf(posted).map((text) => text.split(' - ')[1]),
      ['one', 'two', 'größer'],
    );
  });

  test('what the other end cannot take now is tried again, and nothing comes twice or is lost', async () => {
    const { url, posted } = await collector([500, 503, 429]);
    start(url);
    write('a');
    await until(() => posted.length === 4, 'the fourth try');
    write('b');
    await until(() => framesOf(posted.slice(3)).length === 2, 'the next line');
    assert.deepEqual(
      framesOf(posted.slice(3)).map((text) => text.split(' - ')[1]),
      ['a', 'b'],
    );
  });

  test('what the other end refuses is dropped, counted and told in the log; a redirect is not followed', async () => {
    const { url, posted } = await collector([403]);
    start(url);
    write('x', 'y');
    await until(() => framesOf(posted).some((text) => text.includes('lines lost on the way')), 'the count');
    assert.match(
      framesOf(posted).at(-1) ?? '',
      /<174>1 \S+ host dcdget drain - 2 lines lost on the way to drain d\.token/,
    );
    const redirected = await collector([302]);
    start(redirected.url);
    write('z');
    await until(() => redirected.posted.length >= 2, 'the second try');
    assert.ok(redirected.posted.every(({ headers }) => headers['content-type'] === 'application/logplex-1'));
  });

  test('a drain that is slower than the app drops what memory cannot hold, and the app is not held up', async () => {
    const { url, posted } = await collector();
    start(url);
    write('first');
    await until(() => posted.length === 1, 'the first line');
    const before = Date.now();
    for (let count = 0; count < 60_000; count += 1) write('x'.repeat(100));
    assert.ok(Date.now() - before < 5000);
    await until(() => posted.some(({ body }) => body.includes('lines lost on the way')), 'the count');
    const lost = Number(/(\d+) lines lost on the way/.exec(posted.map(({ body }) => body).join(''))?.[1]);
    assert.ok(lost > 10_000, `${lost} lost`);
  });

  test('a syslog drain keeps one connection and opens another when it breaks', async () => {
    const sockets: TLSSocket[] = [];
    const frames: string[] = [];
    const server = createTls({ cert, key }, (socket) => {
      sockets.push(socket);
      const read = createFrameReader();
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => frames.push(...read(chunk)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.push(() => void server.close());
    start(`syslog+tls://127.0.0.1:${(server.address() as AddressInfo).port}`);
    write('one');
    await until(() => frames.length === 1, 'one line');
    write('two');
    await until(() => frames.length === 2, 'the second line');
    assert.equal(sockets.length, 1);
    assert.match(frames[0] ?? '', /^<190>1 \S+ d\.token app web\.1 - - one$/);
    sockets[0]?.destroy();
    await sleep(50);
    write('three');
    await until(() => frames.length === 3, 'the line after the break');
    assert.equal(sockets.length, 2);
  });

  test('a hub that starts again sends on behind the last line that a drain had', async () => {
    const { url, posted } = await collector();
    const drain = start(url);
    write('before');
    await until(() => posted.length === 1, 'the first line');
    await endings.pop()?.();
    write('meanwhile');
    endings.push(
      startDrains(
        { logs, list: async () => [drain], gate: openGate, ca: [authority.ca], log: silent, placesFile },
        TIMES,
      ),
    );
    await until(() => posted.length === 2, 'the line between');
    assert.deepEqual(
      framesOf(posted).map((text) => text.split(' - ')[1]),
      ['before', 'meanwhile'],
    );
  });

  test('a drain that is removed gets nothing more', async () => {
    const { url, posted } = await collector();
    start(url);
    write('last');
    await until(() => posted.length === 1, 'the line');
    drains = [];
    await sleep(100);
    write('too late');
    await sleep(100);
    assert.equal(framesOf(posted).length, 1);
  });

  test('a drain whose name leads to an address inside sends nothing there', async () => {
    const { url, posted } = await collector();
    const inside = createGate(
      [],
      async () => [],
      async () => ['127.0.0.1'],
    );
    start(url.replace('127.0.0.1', 'collector.example.com'), inside);
    write('secret');
    await sleep(300);
    assert.equal(posted.length, 0);
  });
});
