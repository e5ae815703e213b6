import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { makeAuthority, type FakeAuthority } from '../cli/fake-authority.ts';
import { freePorts } from '../embedded/ports.ts';
import { createSignatures } from '../store/signatures.ts';
import { logFrame, openLogSender } from '../test/rig/log-sender.ts';
import { serveHttp } from './http.ts';
import { startLogHub, type LogHub } from './log-hub.ts';
import { announcementThing } from './announcements.ts';
import { logSessionUrl, type LogSession } from './sessions.ts';

const HOST = '127.0.0.1';
const RUN = '0123456789abcdef';
const silent = { info: () => undefined, error: () => undefined };
const signatures = createSignatures(Buffer.alloc(32, 7));

suite('the log hub', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-hub-'));
  let authority: FakeAuthority;
  let port = 0;
  let httpPort = 0;
  let hub: LogHub;
  let closeHttp: () => Promise<void>;

  before(async () => {
    authority = makeAuthority();
    [port = 0, httpPort = 0] = await freePorts(2);
    await start();
  });
  after(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });

  async function start() {
    const tls = { certificate: authority.server.cert, privateKey: authority.server.key };
    const settings = {
      listen: [{ host: HOST, port }],
      publicAddress: null,
      httpListen: [{ host: HOST, port: httpPort }],
      httpUrl: null,
      folder,
      diskMb: 64,
    };
    hub = await startLogHub(settings, tls, signatures, silent);
    closeHttp = await serveHttp(settings.httpListen, tls, hub.routes, silent);
  }

  async function stop() {
    await closeHttp();
    await hub.close();
  }

  const sender = (instance: string, { run = RUN, token = signatures.fixed(`log:${instance}`) } = {}) =>
    openLogSender({ host: HOST, port, ca: authority.ca, who: `instance="${instance}"`, run, token });

  const session = (app: string, facts: Partial<LogSession> = {}): LogSession => ({
    app,
    since: 0,
    process: null,
    source: null,
    lines: 100,
    tail: false,
    ...facts,
  });

  const urlOf = (facts: LogSession) => new URL(logSessionUrl(`https://${HOST}:${httpPort}`, facts, signatures));

  /** What the hub says to a raw connection before it ends it. */
  async function lastWords(bytes: string): Promise<string> {
    const socket = connect({ host: HOST, port, ca: authority.ca });
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(5000) });
    let said = '';
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
    socket.on('error', () => undefined);
    socket.write(bytes);
    await once(socket, 'close', { signal: AbortSignal.timeout(5000) });
    return said;
  }

  test('lines of an instance are shown under its name, whatever its frames say', async () => {
    const from = await sender('shown.web.2.v3.4');
    assert.equal(from.answer, 'OK 0');
    from.send('first', { app: 'other-app', process: 'worker.9' });
    from.send('state', { source: 'dcdget' });
    await from.end();
    const shown = await read(urlOf(session('shown')), authority.ca, { until: 'state' });
    assert.match(shown.lines[0] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00 app\[web\.2\]: first$/);
    assert.match(shown.lines[1] ?? '', / dcdget\[web\.2\]: state$/);
    assert.deepEqual(textsOf((await read(urlOf(session('other-app')), authority.ca)).lines), []);
  });

  test('wrong tokens, other names and what is no hello are sent away with a sentence', async () => {
    const wrong = await sender('hello.web.1.v1.1', { token: signatures.fixed('log:hello.web.2.v1.1') });
    assert.equal(wrong.answer, 'NO The token is wrong');
    assert.match(await lastWords('hello'), /^NO A frame does not begin with its length/);
    assert.match(await lastWords('99999999999 '), /^NO A frame does not begin/);
    assert.match(await lastWords('66561 '), /^NO A frame of 66561 bytes is larger/);
    assert.match(await lastWords(logFrame(frameFacts('no hello'))), /^NO A message is not a hello/);
    assert.match(await lastWords('5 abcde'), /^NO A message has too few fields/);
  });

  test('who comes back is told how far the hub is, and duplicates are dropped', async () => {
    const first = await sender('back.web.1.v1.1');
    for (const text of ['1', '2', '3']) first.send(text);
    await first.end();
    const second = await sender('back.web.1.v1.1');
    assert.equal(second.answer, 'OK 3');
    second.send('3', { number: 3 });
    second.send('4', { number: 4 });
    await second.end();
    const other = await sender('back.web.1.v1.1', { run: 'another-run' });
    assert.equal(other.answer, 'OK 0');
    other.send('again 1');
    await other.end();
    const { lines } = await read(urlOf(session('back')), authority.ca, { until: 'again 1' });
    assert.deepEqual(textsOf(lines), ['1', '2', '3', '4', 'again 1']);
  });

  test('a connection that the sender has given up is ended by its next one', async () => {
    const old = await sender('half.web.1.v1.1');
    const closed = once(old.socket, 'close', { signal: AbortSignal.timeout(5000) });
    const fresh = await sender('half.web.1.v1.1');
    await closed;
    fresh.send('from the new one');
    await fresh.end();
    assert.deepEqual(textsOf((await read(urlOf(session('half')), authority.ca, { until: 'new one' })).lines), [
      'from the new one',
    ]);
  });

  test('a frame in a later packet than the rest of the line, and a line after a wrong length, harm nobody else', async () => {
    const from = await sender('torn.web.1.v1.1');
    const bytes = Buffer.from(logFrame(frameFacts('whole', 1)) + logFrame(frameFacts('torn ✓ line', 2)));
    for (const at of [10, 90, bytes.length - 9]) {
      from.write(bytes.subarray(0, at).subarray(at === 10 ? 0 : at === 90 ? 10 : 90));
      await sleep(20);
    }
    from.write(bytes.subarray(bytes.length - 9));
    from.write(Buffer.from('7 wrong 12'));
    await once(from.socket, 'close', { signal: AbortSignal.timeout(5000) });
    const { lines } = await read(urlOf(session('torn')), authority.ca, { until: 'torn ✓ line' });
    assert.deepEqual(textsOf(lines), ['whole', 'torn ✓ line']);
  });

  test('a server names the app and process of each line; lines that an app has already are left out', async () => {
    const open = () =>
      openLogSender({
        host: HOST,
        port,
        ca: authority.ca,
        who: 'server="s1"',
        run: RUN,
        token: signatures.fixed('log:server:s1'),
      });
    const first = await open();
    first.send('GET /a', { number: 1, app: 'routed-a', source: 'dcdget', process: 'router' });
    first.send('GET /b', { number: 2, app: 'routed-b', source: 'dcdget', process: 'router' });
    await first.end();
    const second = await open();
    assert.equal(second.answer, 'OK 0');
    second.send('GET /a', { number: 1, app: 'routed-a', source: 'dcdget', process: 'router' });
    second.send('GET /a2', { number: 3, app: 'routed-a', source: 'dcdget', process: 'router' });
    await second.end();
    const { lines } = await read(urlOf(session('routed-a')), authority.ca, { until: 'GET /a2' });
    assert.deepEqual(textsOf(lines), ['GET /a', 'GET /a2']);
  });

  test('a session shows what it asks for: process type, instance, source, number of lines', async () => {
    const web = await sender('picky.web.1.v1.1');
    for (const text of ['w1', 'w2', 'w3']) web.send(text);
    web.send('up', { source: 'dcdget' });
    await web.end();
    const worker = await sender('picky.worker.1.v1.1', { run: 'worker-run' });
    worker.send('k1');
    await worker.end();
    await read(urlOf(session('picky')), authority.ca, { until: 'k1' });
    const shown = async (facts: Partial<LogSession>) =>
      textsOf((await read(urlOf(session('picky', facts)), authority.ca)).lines);
    assert.deepEqual(await shown({ process: 'web' }), ['w1', 'w2', 'w3', 'up']);
    assert.deepEqual(await shown({ process: 'worker.1' }), ['k1']);
    assert.deepEqual(await shown({ process: 'we' }), []);
    assert.deepEqual(await shown({ source: 'dcdget' }), ['up']);
    assert.deepEqual(await shown({ lines: 2 }), ['up', 'k1']);
    assert.deepEqual(await shown({ since: Date.now() * 1000 + 1_000_000 }), []);
  });

  test('without --tail the stream ends by itself, and says that nobody need wait to come back', async () => {
    const { text, contentType } = await read(urlOf(session('empty-app')), authority.ca);
    assert.equal(contentType, 'text/event-stream');
    assert.ok(text.endsWith('retry: 10\n\n'));
  });

  test('a tail goes on, and after a break it resumes behind the last id', async () => {
    const from = await sender('tailed.web.1.v1.1');
    from.send('before');
    const reading = read(urlOf(session('tailed', { tail: true })), authority.ca, { until: 'live 2' });
    await sleep(200);
    from.send('live 1');
    from.send('live 2');
    const { lines, lastId } = await reading;
    assert.deepEqual(textsOf(lines), ['before', 'live 1', 'live 2']);
    from.send('missed');
    const resumed = read(urlOf(session('tailed', { tail: true })), authority.ca, { until: 'live 3', lastId });
    await sleep(200);
    from.send('live 3');
    assert.deepEqual(textsOf((await resumed).lines), ['missed', 'live 3']);
    await from.end();
  });

  test('a resumed tail whose lines are gone says so', async () => {
    const from = await sender('gone.web.1.v1.1');
    from.send('a');
    const resumed = await read(urlOf(session('gone', { tail: true })), authority.ca, { until: 'more', lastId: '1' });
    await from.end();
    assert.match(resumed.lines[0] ?? '', /dcdget\[log\]: Lines before this one are not here any more$/);
  });

  test('a URL with another session, another token, or none is refused', async () => {
    const good = urlOf(session('mine'));
    for (const [name, value] of [
      ['session', urlOf(session('yours')).searchParams.get('session') ?? ''],
      ['token', '9999999999999.x'],
      ['token', ''],
    ] as const) {
      const url = new URL(good);
      url.searchParams.set(name, value);
      assert.equal((await read(url, authority.ca)).status, 403, name);
    }
  });

  test('a reader that takes nothing holds up nobody', async () => {
    const from = await sender('fast.web.1.v1.1');
    const call = request(urlOf(session('fast', { tail: true })), { ca: authority.ca });
    call.on('error', () => undefined);
    call.end();
    const [response] = await once(call, 'response', { signal: AbortSignal.timeout(5000) });
    response.pause();
    const block = Buffer.from(
      Array.from({ length: 60_000 }, (_, at) => logFrame(frameFacts(`${'x'.repeat(200)} ${at + 1}`, at + 1))).join(''),
    );
    if (!from.write(block)) await from.drained();
    const { lines } = await read(urlOf(session('fast', { lines: 1, tail: true })), authority.ca, {
      until: 'x 60000',
    });
    assert.equal(lines.filter((line) => line.endsWith(' 60000')).length, 1);
    response.resume();
    let text = '';
    response.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const endsAt = Date.now() + 10_000;
    while (!text.includes(' 60000\n') && Date.now() < endsAt) await sleep(20);
    const skipped = [...text.matchAll(/(\d+) lines skipped/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    const got = text.match(/^data: .*xxx /gm)?.length ?? 0;
    assert.ok(skipped > 0, 'something was skipped');
    assert.equal(skipped + got, 60_000);
    call.destroy();
    await from.end();
  });

  test('an announcement is a line of dcdget, for whoever may make it', async () => {
    const announce = (app: string, token: string, body: object) =>
      post(new URL(`https://${HOST}:${httpPort}/lines/${app}`), authority.ca, token, body);
    const token = signatures.sign(announcementThing('told'), 60_000);
    assert.equal(await announce('told', token, { process: 'api', text: 'Release v2\ncreated', at: '' }), 204);
    assert.equal(await announce('told', token, { process: 'a b', text: 'x', at: '' }), 422);
    assert.equal(await announce('other', token, { process: 'api', text: 'x', at: '' }), 401);
    const { lines } = await read(urlOf(session('told')), authority.ca);
    assert.match(lines.join('\n'), /^\S+ dcdget\[api\]: Release v2 created$/);
  });

  test('an app is forgotten by whoever may make announcements of it', async () => {
    const url = new URL(`https://${HOST}:${httpPort}/lines/forgotten`);
    const token = signatures.sign(announcementThing('forgotten'), 60_000);
    assert.equal(await post(url, authority.ca, token, { process: 'api', text: 'Destroy is done', at: '' }), 204);
    const shown = async () => (await read(urlOf(session('forgotten')), authority.ca)).lines.join('\n');
    assert.equal(await post(url, authority.ca, signatures.sign('other', 60_000), {}, 'DELETE'), 401);
    assert.match(await shown(), /Destroy is done/);
    assert.equal(await post(url, authority.ca, token, {}, 'DELETE'), 204);
    assert.equal(await shown(), '');
  });

  test('strangers who say nothing are ended, and too many of them from one address are not let in', async () => {
    const sockets = Array.from({ length: 260 }, () => connectPlain({ host: HOST, port }));
    for (const socket of sockets) socket.on('error', () => undefined);
    const endsAt = Date.now() + 5000;
    const left = () => sockets.filter(({ destroyed, closed }) => !destroyed && !closed).length;
    while (left() > 200 && Date.now() < endsAt) await sleep(20);
    assert.ok(left() <= 200, `${left()} are still connected`);
    for (const socket of sockets) socket.destroy();
    await sleep(100);
    const from = await sender('after.web.1.v1.1');
    assert.equal(from.answer, 'OK 0');
    await from.end();
  });

  test('lines, numbers and places outlast the hub', async () => {
    const before = await sender('kept.web.1.v1.1');
    for (let number = 1; number <= 500; number += 1) before.send(`line ${number}`);
    await before.end();
    const { lastId } = await read(urlOf(session('kept', { tail: true })), authority.ca, { until: 'line 500' });
    await stop();
    await start();
    const again = await sender('kept.web.1.v1.1');
    assert.equal(again.answer, 'OK 500');
    again.send('line 501');
    const resumed = await read(urlOf(session('kept', { tail: true })), authority.ca, { until: 'line 501', lastId });
    assert.deepEqual(textsOf(resumed.lines), ['line 501']);
    assert.equal((await read(urlOf(session('kept', { lines: 1500 })), authority.ca)).lines.length, 501);
    await again.end();
  });
});

function frameFacts(text: string, number = 1) {
  return { number, app: '-', source: 'app', process: '-', part: false, text };
}

function textsOf(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/^.*?\]: /, ''));
}

type Seen = { status: number; contentType: string; text: string; lines: string[]; lastId: string };

/** Reads until the stream ends or a line ends with the words; a stream that has ended without them is read again. */
async function read(url: URL, ca: string, { until, lastId }: { until?: string; lastId?: string } = {}): Promise<Seen> {
  const endsAt = Date.now() + 10_000;
  for (;;) {
    const seen = await readOnce(url, ca, until, lastId);
    const isThere = until === undefined || seen.lines.some((line) => line.includes(until));
    if (isThere || seen.status !== 200 || Date.now() > endsAt) return seen;
    await sleep(20);
  }
}

function readOnce(url: URL, ca: string, until: string | undefined, lastId: string | undefined): Promise<Seen> {
  return new Promise((resolve, reject) => {
    let text = '';
    const call = request(url, {
      ca,
      agent: false,
      headers: lastId === undefined ? {} : { 'last-event-id': lastId },
      timeout: 10_000,
    });
    call.on('timeout', () => call.destroy(new Error(`${until} did not come`)));
    call.on('error', reject);
    call.on('response', (response) => {
      const finish = () => {
        const lines = [...text.matchAll(/^data: (.*)$/gm)].map(([, line = '']) => line);
        const last = [...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? '';
        const contentType = response.headers['content-type'] ?? '';
        resolve({ status: response.statusCode ?? 0, contentType, text, lines, lastId: last });
        call.destroy();
      };
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (until !== undefined && text.includes(`${until}\n`)) finish();
      });
      response.on('end', finish);
    });
    call.end();
  });
}

function post(url: URL, ca: string, token: string, body: object, method = 'POST'): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, ca, headers: { authorization: `Bearer ${token}` }, timeout: 5000 });
    call.on('error', reject);
    call.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.end(method === 'POST' ? JSON.stringify(body) : undefined);
  });
}
