import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Branch } from '../../domain/branches.ts';
import type { Operation } from '../../domain/operations.ts';
import { bundleKey } from '../../objects/keys.ts';
import { buildApp } from '../app.ts';
import { addApp, addCode, addReadyServer, createFakes, OTHER_TOKEN, TOKEN, type Fakes } from '../fake-dependencies.ts';

const OFF = { tls: null, logger: false };
const DEADLINE_MS = 20_000;

type Ran = { code: number; output: string };
type World = Fakes & { appId: string; url: string; folder: string; git: (...words: string[]) => Promise<Ran> };

/** An API that listens, an app called hello, and a repository with one commit. */
async function startWorld(t: TestContext): Promise<World> {
  const fakes = createFakes();
  addReadyServer(fakes);
  const appId = await addApp(fakes);
  await fakes.api.listen({ host: '127.0.0.1', port: 0 });
  const { port } = fakes.api.server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-push-'));
  t.after(async () => {
    fakes.api.server.closeAllConnections();
    await fakes.api.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const world: World = {
    ...fakes,
    appId,
    folder,
    url: `http://anyone:${TOKEN}@127.0.0.1:${port}/hello.git`,
    git: (...words) => git(folder, words),
  };
  await world.git('init', '--quiet', '--initial-branch', 'main');
  await commit(world, 'server.js', 'one\n');
  return world;
}

function git(folder: string, words: string[], signal?: AbortSignal, inputFile?: string): Promise<Ran> {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
  return new Promise((resolve) => {
    const child = execFile(
      'git',
      ['-C', folder, ...words],
      { env, timeout: DEADLINE_MS, ...(signal ? { signal } : {}) },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), output: stdout + stderr }),
    );
    if (inputFile !== undefined) child.stdin?.end(readFileSync(inputFile));
  });
}

async function commit(world: Pick<World, 'folder' | 'git'>, file: string, text: string): Promise<string> {
  writeFileSync(join(world.folder, file), text);
  await world.git('add', '--all');
  const { code, output } = await world.git('commit', '--quiet', '--message', `write ${file}`);
  assert.equal(code, 0, output);
  return (await world.git('rev-parse', 'HEAD')).output.trim();
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await isSo())) {
    assert.ok(Date.now() < deadline, 'what was waited for did not come');
    await sleep(20);
  }
}

/** The operation that waits to be worked on. */
async function begun({ data }: World): Promise<Operation> {
  const waiting = () => [...data.operations.values()].find(({ state }) => state === 'queued');
  await until(async () => waiting() !== undefined);
  return waiting() as Operation;
}

/** Ends the next operation as the workers would: its output written, and the branch moved when it succeeded. */
async function work(world: World, state: Operation['state'], message = '', text = ''): Promise<Operation> {
  const operation = await begun(world);
  const branch = world.data.branches.get(world.appId);
  if (state === 'succeeded' && branch?.push) branch.head = branch.push.head;
  world.data.output.push({ operationId: operation.id, number: 1, text });
  const failure = { step: 'compileSlug' as const, code: 'build_failed', message, hint: null, output: null };
  return Object.assign(operation, { state, failure: state === 'succeeded' ? null : failure, endedAt: new Date() });
}

async function pushes(world: World, ...words: string[]): Promise<Ran> {
  const [ran] = await Promise.all([world.git('push', world.url, ...words), work(world, 'succeeded')]);
  assert.equal(ran.code, 0, ran.output);
  return ran;
}

/** The push is turned down before anything begins. */
async function isRefused(world: World, words: string[], reason: RegExp): Promise<void> {
  const operations = world.data.operations.size;
  const objects = [...world.data.objects.keys()];
  const ran = await world.git('push', world.url, ...words);
  assert.notEqual(ran.code, 0, ran.output);
  assert.match(ran.output, reason);
  assert.equal(world.data.operations.size, operations, 'nothing was begun');
  assert.equal(world.data.branches.get(world.appId)?.push?.operationId, undefined, 'nothing is held');
  assert.deepEqual([...world.data.objects.keys()], objects, 'nothing is kept');
}

/** The archives that were deployed, unpacked as far as gzip goes. */
function sources({ data }: Fakes): string[] {
  return [...data.objects]
    .filter(([key]) => key.startsWith('sources/'))
    .map(([, bytes]) => gunzipSync(bytes).toString('latin1'));
}

/** Another process that serves the same store and the same S3; the URL of the app there. */
async function otherApi(t: TestContext, world: World): Promise<string> {
  const { api } = buildApp({ ...world.deps, git: { ...world.deps.git, folder: `${world.deps.git.folder}-2` } }, OFF);
  await api.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => api.close());
  return world.url.replace(/\d+\/hello/, `${(api.server.address() as AddressInfo).port}/hello`);
}

async function isRejectedByGit(world: World): Promise<void> {
  const { code, output } = await world.git('push', world.url, 'main');
  assert.equal(code, 1);
  assert.match(output, /non-fast-forward|fetch first/);
}

async function writeRandom(world: World, file: string, mb: number): Promise<void> {
  writeFileSync(join(world.folder, file), randomBytes(mb * 1024 * 1024));
  await world.git('add', file);
  await world.git('commit', '--quiet', '--message', `${mb} MB`);
}

test('a push deploys the commit, shows the log and moves the branch', async (t) => {
  const world = await startWorld(t);
  const head = (await world.git('rev-parse', 'HEAD')).output.trim();
  const ran = await pushes(world, 'main');
  assert.match(ran.output, /remote: -----> Deploying [0-9a-f]{8} to hello as v2/);
  assert.match(ran.output, /remote: +Ctrl-C leaves this deploy running: dcdget operations:watch [0-9a-f-]{36}/);
  assert.match(ran.output, /remote: -----> hello v2 is live: http:\/\/hello\.dcdget\.localhost:8000\//);
  assert.match(ran.output, /main -> main/);
  assert.equal(world.data.branches.get(world.appId)?.head?.commit, head);
  const [build] = world.data.builds.values();
  assert.equal(build?.sourceVersion, head);
  assert.match(sources(world)[0] ?? '', /server\.js/);
  assert.match((await world.git('push', world.url, 'main')).output, /Everything up-to-date/);
});

test('a push whose deploy fails exits non-zero with the reason, and the branch stays', async (t) => {
  const world = await startWorld(t);
  await pushes(world, 'main');
  const before = world.data.branches.get(world.appId)?.head;
  addCode(world, world.appId);
  await commit(world, 'server.js', 'two\n');
  const [ran] = await Promise.all([
    world.git('push', world.url, 'main'),
    work(world, 'failed', 'The compile failed', '-----> Compiling\nserver.js:1 \u001b[31mwrong\n'),
  ]);
  assert.equal(ran.code, 1, ran.output);
  assert.match(ran.output, /remote: +│ server\.js:1 wrong *\n/);
  assert.match(ran.output, /remote: +! +The deploy of hello v3 failed at compileSlug: The compile failed/);
  assert.match(ran.output, /remote: +! +v1 serves as before/);
  assert.match(ran.output, /main stays at [0-9a-f]{8}/);
  assert.match(ran.output, /\[remote rejected\] main -> main/);
  assert.deepEqual(world.data.branches.get(world.appId)?.head, before);
  await pushes(world, 'main');
});

test('only main or master deploys, or the branch that was chosen', async (t) => {
  const world = await startWorld(t);
  await isRefused(world, ['main:feature'], /Only main or master deploys: feature was not taken/);
  await isRefused(world, ['main:main', 'main:refs/tags/v1'], /refs\/tags\/v1 was not taken/);
  await isRefused(world, ['main:main', 'main:master'], /Push one branch at a time/);
  await isRefused(world, ['main:refs/heads/a;touch${IFS}x$(id)`id`'], /a;touch\$\{IFS\}x\$\(id\)`id` was not taken/);
  await isRefused(world, ['main:refs/dcdget/pushed'], /refs\/dcdget\/pushed was not taken/);
  await pushes(world, 'main:master');
  assert.match((await world.git('ls-remote', world.url)).output, /refs\/heads\/master\n$/);
  world.data.branches.set(world.appId, {
    ...(world.data.branches.get(world.appId) as Branch),
    chosen: 'release/1.x',
    push: null,
  });
  await isRefused(world, ['main:main'], /Only release\/1\.x deploys: main was not taken/);
  await pushes(world, 'main:release/1.x');
  world.data.branches.set(world.appId, { ...(world.data.branches.get(world.appId) as Branch), push: null });
  await isRefused(world, ['--delete', 'release/1.x'], /release\/1\.x cannot be deleted/);
});

test('what git itself would not take as the branch is refused before it deploys', async (t) => {
  const world = await startWorld(t);
  await world.git('tag', '--annotate', '--message', 'one', 'v1.0');
  await isRefused(world, ['v1.0:refs/heads/main'], /An annotated tag cannot be a branch/);
  await pushes(world, 'v1.0^{commit}:refs/heads/main');
  const pushed = world.data.branches.get(world.appId) as Branch;
  world.data.branches.set(world.appId, { ...pushed, chosen: 'main/next', push: null });
  await isRefused(world, ['main:refs/heads/main/next'], /git cannot hold main\/next beside main/);
});

test('of two pushes at once the second is turned down with the first one in its sentence', async (t) => {
  const world = await startWorld(t);
  const first = world.git('push', world.url, 'main');
  await begun(world);
  await commit(world, 'server.js', 'two\n');
  const second = await world.git('push', world.url, 'main');
  assert.notEqual(second.code, 0);
  assert.match(
    second.output,
    /Another push to hello is being deployed, by ada@example\.com \(operation [0-9a-f-]{36}\)/,
  );
  await work(world, 'succeeded');
  assert.equal((await first).code, 0);
  await pushes(world, 'main');
});

test('a pusher who leaves ends nothing but the watching', async (t) => {
  const world = await startWorld(t);
  const leaving = new AbortController();
  const left = git(world.folder, ['push', world.url, 'main'], leaving.signal);
  await begun(world);
  await sleep(300);
  leaving.abort();
  await left;
  const operation = await work(world, 'succeeded');
  assert.equal(operation.state, 'succeeded');
  assert.deepEqual(world.data.cancelled, []);
  assert.match((await world.git('push', world.url, 'main')).output, /Everything up-to-date/);
});

test('any API restores the repository from its bundles: clone, fetch, force push, many pushes', async (t) => {
  const world = await startWorld(t);
  for (let number = 1; number <= 3; number += 1) {
    await commit(world, 'server.js', `${number}\n`);
    await pushes(world, 'main');
  }
  assert.equal(world.data.branches.get(world.appId)?.head?.bundles.length, 3);
  const other = await otherApi(t, world);
  const clone = join(world.folder, '..', `${basename(world.folder)}-clone`);
  t.after(() => rmSync(clone, { recursive: true, force: true }));
  const cloned = await world.git('clone', '--quiet', other, clone);
  assert.equal(cloned.code, 0, cloned.output);
  assert.equal(readFileSync(join(clone, 'server.js'), 'utf8'), '3\n');

  // More than a kilobyte of what the clone has: git sends that compressed.
  for (let number = 1; number <= 60; number += 1) {
    await git(clone, ['commit', '--quiet', '--allow-empty', '--message', `mine ${number}`]);
  }
  await commit(world, 'server.js', '4\n');
  await pushes(world, 'main');
  const fetched = await git(clone, ['fetch', other, 'main']);
  assert.equal(fetched.code, 0, fetched.output);

  await world.git('reset', '--quiet', '--hard', 'HEAD~2');
  await commit(world, 'server.js', 'another way\n');
  await isRejectedByGit(world);
  const forced = await pushes(world, '--force', 'main');
  assert.match(forced.output, /The history of main is rewritten/);
  assert.equal(world.data.branches.get(world.appId)?.head?.bundles.length, 1);
  assert.equal((await git(clone, ['fetch', other, 'main'])).code, 0);
  assert.equal((await git(clone, ['show', 'FETCH_HEAD:server.js'])).output, 'another way\n');
});

test('a repository that has lost a bundle says so to readers, and a push begins it anew', async (t) => {
  const world = await startWorld(t);
  await pushes(world, 'main');
  await commit(world, 'server.js', 'two\n');
  await pushes(world, 'main');
  const [first = ''] = world.data.branches.get(world.appId)?.head?.bundles ?? [];
  world.data.objects.delete(bundleKey(world.appId, first));
  const other = { ...world, url: await otherApi(t, world) };
  const read = await world.git('ls-remote', other.url);
  assert.notEqual(read.code, 0);
  assert.match(read.output, /What was pushed to hello is gone from the object store/);
  const head = await commit(world, 'server.js', 'three\n');
  const ran = await pushes(other, 'main');
  assert.match(ran.output, /What was pushed before is lost: the branch begins anew with this push/);
  assert.equal(world.data.branches.get(world.appId)?.head?.bundles.length, 1);
  assert.match((await world.git('ls-remote', other.url)).output, new RegExp(`^${head}`));
});

/** A push of somebody whose API gave its last sign of life so long ago. */
function leaveBehind(world: World, seconds: number): string {
  const at = new Date(Date.now() - seconds * 1000);
  const head = { name: 'main', commit: 'a'.repeat(40), bundles: [] };
  const push = { operationId: randomUUID(), by: 'bob', head, startedAt: new Date(0), aliveAt: at };
  const branch = world.data.branches.get(world.appId) ?? { appId: world.appId, chosen: null, head: null };
  world.data.branches.set(world.appId, { ...branch, push });
  world.data.objects.set(bundleKey(world.appId, push.operationId), Buffer.from('a bundle'));
  return push.operationId;
}

test('a push whose API has died before its deploy began holds nobody up for long, and leaves nothing', async (t) => {
  const world = await startWorld(t);
  leaveBehind(world, 5);
  const { code, output } = await world.git('push', world.url, 'main');
  assert.equal(code, 1);
  assert.match(output, /Another push to hello is being deployed, by bob/);
  const id = leaveBehind(world, 70);
  await pushes(world, 'main');
  assert.ok(!world.data.objects.has(bundleKey(world.appId, id)));
});

test('a list of many bundles is followed by one bundle of everything', async (t) => {
  const world = await startWorld(t);
  await pushes(world, 'main');
  const head = world.data.branches.get(world.appId)?.head;
  assert.ok(head);
  head.bundles = Array.from({ length: 20 }, () => head.bundles[0] ?? '');
  const commitId = await commit(world, 'server.js', 'two\n');
  await pushes(world, 'main');
  assert.equal(world.data.branches.get(world.appId)?.head?.bundles.length, 1);
  const listed = await world.git('ls-remote', await otherApi(t, world), 'main');
  assert.match(listed.output, new RegExp(`^${commitId}`));
});

test('a push from a shallow clone is refused by git with its reason', async (t) => {
  const world = await startWorld(t);
  await commit(world, 'server.js', 'two\n');
  const shallow = join(world.folder, 'shallow');
  await world.git('clone', '--quiet', '--depth', '1', `file://${world.folder}`, shallow);
  const { code, output } = await git(shallow, ['push', world.url, 'main']);
  assert.equal(code, 1, output);
  assert.match(output, /shallow update not allowed/);
});

test('the same tree makes the same archive, without what .slugignore and export-ignore leave out', async (t) => {
  const world = await startWorld(t);
  mkdirSync(join(world.folder, 'docs'));
  await commit(world, 'docs/long.md', 'text');
  await commit(world, 'secret.txt', 'text');
  await commit(world, '.gitattributes', 'secret.txt export-ignore\nversion export-subst\n');
  await commit(world, 'version', '$Format:%H$');
  await commit(world, '.slugignore', '*.md\n');
  await pushes(world, 'main');
  await world.git('commit', '--quiet', '--allow-empty', '--message', 'nothing');
  await pushes(world, 'main');
  const [one, two] = sources(world);
  assert.equal(one, two);
  assert.match(one ?? '', /server\.js/);
  assert.match(one ?? '', /\$Format:%H\$/);
  assert.doesNotMatch(one ?? '', /long\.md|secret\.txt\0/);
});

test('submodules and pointers of Git LFS are named, and deployed as they are', async (t) => {
  const world = await startWorld(t);
  const head = (await world.git('rev-parse', 'HEAD')).output.trim();
  await world.git('update-index', '--add', '--cacheinfo', `160000,${head},vendor/lib`);
  const oid = 'a'.repeat(64);
  writeFileSync(
    join(world.folder, 'film.mp4'),
    `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 12345\n`,
  );
  writeFileSync(join(world.folder, 'text.txt'), 'x'.repeat(200));
  await world.git('add', 'film.mp4', 'text.txt');
  await world.git('commit', '--quiet', '--message', 'both');
  const { output } = await pushes(world, 'main');
  assert.match(output, /! +Submodules are not fetched, their folders stay empty: vendor\/lib *\n/);
  assert.match(output, /! +Files of Git LFS are not fetched, only their pointers are deployed: film\.mp4 *\n/);
});

test('a commit without a file is nothing to deploy', async (t) => {
  const world = await startWorld(t);
  await world.git('rm', '--quiet', 'server.js');
  await world.git('commit', '--quiet', '--message', 'empty');
  await isRefused(world, ['main'], /There is nothing to deploy/);
});

test('a tree that a dozen objects make endless is refused, and so is a .slugignore without end', async (t) => {
  const world = await startWorld(t);
  let entry = `100644 blob ${(await world.git('hash-object', '-w', 'server.js')).output.trim()}`;
  for (let depth = 0; depth < 8; depth += 1) {
    writeFileSync(join(world.folder, 'listing'), '0123456789'.replaceAll(/./g, `${entry}\t$&\n`));
    const { output } = await git(world.folder, ['mktree'], undefined, join(world.folder, 'listing'));
    entry = `040000 tree ${output.trim()}`;
  }
  const bomb = (await world.git('commit-tree', entry.split(' ')[2] ?? '', '-m', 'bomb')).output.trim();
  await isRefused(world, [`${bomb}:refs/heads/main`], /more than can be deployed: 250,000 files at most/);
  rmSync(join(world.folder, 'listing'));
  await commit(world, '.slugignore', '*.md\n'.repeat(20_000));
  await isRefused(world, ['main'], /\.slugignore is larger than 64 KiB/);
});

test('objects that are not sound are refused by git itself', async (t) => {
  const world = await startWorld(t);
  const blob = (await world.git('hash-object', '-w', 'server.js')).output.trim();
  const entry = Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')]);
  writeFileSync(join(world.folder, 'tree'), entry);
  const tree = (await world.git('hash-object', '-t', 'tree', '--literally', '-w', 'tree')).output.trim();
  const bad = (await world.git('commit-tree', tree, '-m', 'bad')).output.trim();
  await isRefused(world, [`${bad}:refs/heads/main`], /hasDotgit/);
});

test('a push may be larger than what git sends at once, and not larger than allowed', async (t) => {
  const world = await startWorld(t);
  await writeRandom(world, 'blob', 3);
  await pushes(world, 'main');
  await writeRandom(world, 'blob', 9);
  await isRefused(
    { ...world, data: { ...world.data, branches: new Map() } },
    ['main'],
    /pack exceeds maximum allowed size/,
  );
});

test('an app without a push is cloned as an empty repository', async (t) => {
  const world = await startWorld(t);
  const clone = join(world.folder, 'clone');
  const { code, output } = await world.git('clone', world.url, clone);
  assert.equal(code, 0, output);
  assert.match(output, /empty repository/);
  assert.ok(existsSync(join(clone, '.git')));
});

test('strangers, other apps and other paths are turned away', async (t) => {
  const world = await startWorld(t);
  const as = (credentials: string, path = 'hello.git') =>
    world.git('ls-remote', `${world.url.replace(/\/\/.*@/, `//${credentials}@`).replace('hello.git', path)}`);
  assert.match((await as('x:wrong')).output, /Authentication failed/);
  const others = await as(`x:${OTHER_TOKEN}`);
  assert.match(others.output, /remote: Couldn't find that app: hello\.\n.*not found/);
  assert.match((await as(`x:${TOKEN}`, 'no-such-app.git')).output, /Couldn't find that app: no-such-app/);
  assert.match((await as(`x:${TOKEN}`, 'apps')).output, /not found/);
  const { origin } = new URL(world.url);
  const headers = { authorization: `Bearer ${TOKEN}` };
  for (const path of ['HEAD', 'config', 'objects/info/packs', 'info/refs']) {
    const { status } = await fetch(`${origin}/hello.git/${path}`, { headers });
    assert.ok(status === 404 || status === 403, `${path} is ${status}`);
  }
});

test('an API that ends tells the pusher that the deploy goes on', async (t) => {
  const world = await startWorld(t);
  const push = world.git('push', world.url, 'main');
  const { id } = await begun(world);
  await sleep(300);
  await world.api.close();
  const { code, output } = await push;
  assert.equal(code, 1);
  assert.match(output, /The API ends now; the deploy goes on/);
  assert.match(output, new RegExp(`dcdget operations:watch ${id}`));
});

test('more transfers than allowed are turned away, until one of them ends or leaves', async (t) => {
  const world = await startWorld(t);
  const { origin } = new URL(world.url);
  const slow = Array.from({ length: 3 }, () => {
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/x-git-receive-pack-request',
      'transfer-encoding': 'chunked',
    };
    const call = request(`${origin}/hello.git/git-receive-pack`, { method: 'POST', headers, agent: false });
    call.on('error', () => undefined).write('00');
    return call;
  });
  t.after(() => slow.forEach((call) => call.destroy()));
  const list = () => world.git('ls-remote', world.url);
  await until(async () =>
    (await list()).output.includes('remote: 3 transfers of git are under way, which is all that one user may have'),
  );
  for (const call of slow) call.destroy();
  await until(async () => (await list()).code === 0);
});

test('nothing of a request stays when it is over, nor of the API when it ends', async (t) => {
  const world = await startWorld(t);
  const { folder } = world.deps.git;
  const before = new Set(existsSync(folder) ? readdirSync(folder) : []);
  await pushes(world, 'main');
  const [own = '', ...others] = readdirSync(folder).filter((name) => !before.has(name));
  assert.deepEqual(others, []);
  await until(async () => readdirSync(join(folder, own, 'requests')).length === 0);
  await world.api.close();
  assert.ok(!existsSync(join(folder, own)));
});
