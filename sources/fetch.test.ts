import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startCodeHost, type CodeHost } from '../test/rig/code-host.ts';
import { fetchArchive } from './archive.ts';
import { createGate } from './gate.ts';
import type { Fetching } from './https.ts';
import { fetchRepository } from './repository.ts';
import { archiveOf, readTree } from './tree.ts';

const DEADLINE_MS = 20_000;
const ARCHIVE = gzipSync('a tar archive');
const TOKEN = 'token-of-a-repository';

let host: CodeHost;
let folder: string;

before(async () => {
  host = await startCodeHost('127.0.0.1');
  host.answers.set('/good.tgz', (_request, response) => response.end(ARCHIVE));
});
after(() => host.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dcdget-fetch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fetching(allowed = '127.0.0.1'): Fetching {
  const gate = createGate([allowed], async () => []);
  return { gate, ca: host.certificate, signal: AbortSignal.timeout(DEADLINE_MS) };
}

async function fetched(path: string, checksum: string | null = null, maxBytes?: number): Promise<Buffer> {
  let kept = Buffer.alloc(0);
  const keep = async (stream: Readable) => {
    kept = await buffer(stream);
  };
  await fetchArchive({ url: `${host.url}${path}`, checksum }, keep, fetching(), maxBytes);
  return kept;
}

async function isRefused(path: string, message: RegExp, code = 'source_invalid', ...more: [string?, number?]) {
  await assert.rejects(fetched(path, ...more), (error: Error & { code: string }) => {
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
}

test('an archive is handed on as it is, and its checksum is held to', async () => {
  const digest = createHash('sha256').update(ARCHIVE).digest('hex');
  assert.deepEqual(await fetched('/good.tgz'), ARCHIVE);
  assert.deepEqual(await fetched('/good.tgz', digest), ARCHIVE);
  await isRefused('/good.tgz', new RegExp(`checksum SHA256:${digest}`), 'source_invalid', 'b'.repeat(64));
});

test('what is too large, no archive or not there is refused', async () => {
  host.answers.set('/page', (_request, response) => response.end('<html>'));
  host.answers.set('/empty', (_request, response) => response.end());
  host.answers.set('/endless', (_request, response) => {
    response.write(ARCHIVE);
    const timer = setInterval(() => response.write(Buffer.alloc(64 * 1024)), 1);
    response.on('close', () => clearInterval(timer));
  });
  await isRefused('/page', /no gzip-compressed/);
  await isRefused('/empty', /no gzip-compressed/);
  await isRefused('/good.tgz', /larger than/, 'source_invalid', undefined, 10);
  await isRefused('/endless', /larger than 1 MB/, 'source_invalid', undefined, 1024 * 1024);
  await isRefused('/missing.tgz?signature=secret', /answered 404/);
});

test('a server in trouble and a line that breaks are worth another attempt', async () => {
  host.answers.set('/trouble', (_request, response) => response.writeHead(503).end());
  host.answers.set('/cut', (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write(ARCHIVE, () => response.destroy());
  });
  await isRefused('/trouble?signature=secret', /answered 503/, 'unavailable');
  await isRefused('/cut?signature=secret', /could not be fetched/, 'unavailable');
});

test('redirects are followed, five of them, and through the gate each', async () => {
  const { port } = new URL(host.url);
  const leads = (path: string, to: string) =>
    host.answers.set(path, (_request, response) => response.writeHead(302, { location: to }).end());
  leads('/one', '/two');
  leads('/two', `${host.url}/good.tgz`);
  leads('/round', '/round');
  leads('/plain', `http://127.0.0.1:${port}/good.tgz`);
  leads('/file', 'file:///etc/passwd');
  leads('/inside', `https://127.0.0.2:${port}/good.tgz`);
  leads('/metadata', 'https://169.254.169.254/latest');
  assert.deepEqual(await fetched('/one'), ARCHIVE);
  await isRefused('/round', /redirects more than 5 times/);
  await isRefused('/plain', /no https/);
  await isRefused('/file', /no https/);
  await isRefused('/inside', /127\.0\.0\.2, which is not a public address/);
  await isRefused('/metadata', /169\.254\.169\.254, which is not a public address/);
});

test('a place that nobody allowed is not even connected to', async () => {
  const asked = host.asked.length;
  const place = { url: `${host.url}/good.tgz`, checksum: null };
  const gate = fetching('10.0.0.1');
  await assert.rejects(
    fetchArchive(place, async () => assert.fail('nothing comes'), gate),
    /not a public address/,
  );
  await assert.rejects(commitOf({ url: `${host.url}/code` }, gate), /not a public address/);
  assert.equal(host.asked.length, asked);
});

type Wanted = { url: string; ref?: string; token?: string };

async function commitOf({ url, ref, token }: Wanted, how = fetching(), maxMb = 50) {
  const credentials = token === undefined ? null : { user: 'ada', token };
  return fetchRepository({ url, ref: ref ?? null, credentials }, { folder, maxMb }, how);
}

test('a branch, a tag, a commit and the default branch of a repository are fetched, one commit deep', async () => {
  const first = await host.commit('code', { 'server.js': 'one\n' });
  await host.git('code', 'tag', '--annotate', '--message', 'one', 'v1.0');
  const second = await host.commit('code', { 'server.js': 'two\n' });
  for (const [ref, commit] of [
    [undefined, second],
    ['main', second],
    ['v1.0', first],
    [first, first],
  ] as const) {
    const fetchedOne = await commitOf({ url: `${host.url}/code`, ...(ref === undefined ? {} : { ref }) });
    assert.equal(fetchedOne.commit, commit, ref);
    const snapshot = {
      repository: { path: fetchedOne.path },
      quarantine: '',
      signal: AbortSignal.timeout(DEADLINE_MS),
    };
    const archive = await archiveOf(snapshot, commit, await readTree(snapshot, commit));
    assert.ok((await buffer(archive)).length > 0);
    await fetchedOne.remove();
  }
  assert.deepEqual(readdirSync(folder), []);
  await assert.rejects(commitOf({ url: `${host.url}/code`, ref: 'none' }), { code: 'source_invalid', message: /none/ });
  await assert.rejects(commitOf({ url: `${host.url}/good.tgz` }), /answered|no git repository/);
  assert.deepEqual(readdirSync(folder), []);
});

test('a private repository opens to its token alone, which stands in no error', async () => {
  await host.commit('private', { 'server.js': 'mine\n' });
  host.passwords.set('private', TOKEN);
  const url = `${host.url}/private`;
  await assert.rejects(commitOf({ url }), { code: 'source_invalid', message: /answered 401/ });
  await assert.rejects(commitOf({ url, token: 'wrong-token-of-mine' }), /answered 401/);
  const { path, remove } = await commitOf({ url, token: TOKEN });
  assert.match(readFileSync(join(path, 'config'), 'utf8'), /extraHeader/);
  await remove();
  assert.ok(!existsSync(path));
  await assert.rejects(commitOf({ url, token: TOKEN, ref: 'none' }), (error: Error & { output?: string }) => {
    assert.doesNotMatch(JSON.stringify([error.message, error.output, error.stack]), new RegExp(TOKEN));
    return true;
  });
});

test('a repository that has moved is followed to where it is', async () => {
  const commit = await host.commit('moved', { 'server.js': 'moved\n' });
  host.answers.set('/old.git/info/refs', (_request, response) =>
    response.writeHead(301, { location: '/moved/info/refs?service=git-upload-pack' }).end(),
  );
  assert.equal((await commitOf({ url: `${host.url}/old.git` })).commit, commit);
});

test('a redirect that comes to git alone leads it nowhere', async () => {
  await host.commit('turning', { 'server.js': 'x\n' });
  host.answers.set('/turning/git-upload-pack', (_request, response) =>
    response.writeHead(307, { location: 'https://169.254.169.254/turning/git-upload-pack' }).end(),
  );
  await assert.rejects(commitOf({ url: `${host.url}/turning` }), { code: 'source_invalid' });
});

test('more than one commit may bring is ended, and nothing of it stays', async () => {
  await host.commit('large', { noise: Array.from({ length: 200_000 }, () => Math.random()).join('') });
  await assert.rejects(commitOf({ url: `${host.url}/large` }, fetching(), 1), /more than 1 MB/);
  assert.deepEqual(readdirSync(folder), []);
});

test('objects that are not sound are refused', async () => {
  await host.commit('unsound', { 'server.js': 'x\n' });
  const blob = (await host.git('unsound', 'rev-parse', 'HEAD:server.js')).trim();
  const entry = Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')]);
  const file = join(folder, 'tree');
  writeFileSync(file, entry);
  const tree = (await host.git('unsound', 'hash-object', '-t', 'tree', '--literally', '-w', file)).trim();
  const bad = (await host.git('unsound', 'commit-tree', tree, '-m', 'bad')).trim();
  await host.git('unsound', 'update-ref', 'refs/heads/bad', bad);
  await assert.rejects(commitOf({ url: `${host.url}/unsound`, ref: 'bad' }), (error: Error & { output?: string }) => {
    assert.match(error.output ?? '', /hasDotgit/);
    return true;
  });
});
