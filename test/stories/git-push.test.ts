import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { dcdget, dcdgetJson, runProgram } from '../rig/command-line.ts';
import { createLaptop, type Laptop } from '../rig/laptop.ts';
import { finished } from '../rig/operations.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample, type SourceTree } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'pushed';
const EMPTY_APP = 'never-pushed';
/** Megabytes that no compression makes smaller. */
const LARGE_MB = Number(process.env['DCDGET_LARGE_PUSH_MB'] ?? 100);
const OPERATION_TIMEOUT_MS = 120_000;

let rig: Rig;
let laptop: Laptop;
let source: SourceTree;

before(async () => {
  rig = await useRig('git-push');
  source = copyExample('hello-node');
  laptop = createLaptop(rig, source);
  source.write('.gitignore', 'node_modules\n');
  await laptop.must('init', '--quiet', '--initial-branch', 'main');
  await commit('first');
  for (const app of [APP, EMPTY_APP]) await dcdgetJson(rig, 'apps:create', app);
});
after(async () => {
  for (const app of [APP, EMPTY_APP]) await dcdget(rig, 'apps:destroy', '--app', app, '--confirm', app);
  laptop.remove();
  await rig.stop();
});

async function commit(message: string): Promise<string> {
  await laptop.must('add', '--all');
  await laptop.must('commit', '--quiet', '--allow-empty', '--message', message);
  return laptop.must('rev-parse', 'HEAD');
}

async function deployedCommit(): Promise<string | undefined> {
  return (await laptop.must('ls-remote', 'dcdget', 'refs/heads/main')).split('\t')[0];
}

/** The bundles that S3 has of the app. */
async function bundles(): Promise<string[]> {
  return rig.objects(`apps/${(await rig.api.app(APP)).id}/git/`);
}

async function isRefused(words: string[], reason: RegExp): Promise<void> {
  const before = await deployedCommit();
  const { exitCode, output } = await laptop.git('push', ...words);
  assert.notEqual(exitCode, 0, output);
  assert.match(output, reason);
  assert.equal(await deployedCommit(), before);
}

function startPush(): { ended: Promise<unknown>; seen: (text: RegExp) => Promise<string[]>; interrupt: () => void } {
  const child = spawn('git', ['push', 'dcdget', 'main'], {
    cwd: source.folder,
    env: laptop.environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    ended: once(child, 'close'),
    async seen(text) {
      const deadline = Date.now() + OPERATION_TIMEOUT_MS;
      for (;;) {
        const match = text.exec(output);
        if (match) return [...match];
        assert.ok(Date.now() < deadline, `the push did not show ${text}:\n${output}`);
        await sleep(20);
      }
    },
    interrupt: () => void process.kill(-(child.pid ?? 0), 'SIGINT'),
  };
}

test('git:remote and a first push make the app live, and the push shows the build log and the fifteen steps', async () => {
  const remote = await laptop.dcdget('git:remote', '--app', APP);
  assert.equal(remote.exitCode, 0, remote.stdout + remote.stderr);
  assert.doesNotMatch(readFileSync(join(source.folder, '.git/config'), 'utf8'), new RegExp(rig.client.DCDGET_TOKEN));
  const { exitCode, output } = await laptop.git('push', 'dcdget', 'main');
  assert.equal(exitCode, 0, output);
  const steps = [...output.matchAll(/^remote: [✔–] +(\d+) \w+/gm)].map(([, number]) => Number(number));
  assert.deepEqual(
    steps,
    Array.from({ length: 15 }, (_, index) => index + 1),
    output,
  );
  assert.match(output, /remote: +│ -----> .*Node/);
  assert.match(output, /remote: -----> pushed v2 is live: http:\/\/pushed\./);
  assert.match((await visit(rig, APP)).body, /Hello/);
  assert.equal(await deployedCommit(), await laptop.must('rev-parse', 'HEAD'));
  assert.match(await laptop.must('push', 'dcdget', 'main'), /Everything up-to-date/);
});

test('a push whose compile fails shows the last lines of the compiler and exits non-zero; nothing has moved', async () => {
  const before = await deployedCommit();
  const kept = await bundles();
  source.edit('package.json', '"scripts": {', '"scripts": { "build": "echo compiling the wrong thing && exit 3",');
  await commit('broken');
  const { exitCode, output } = await laptop.git('push', 'dcdget', 'main');
  assert.notEqual(exitCode, 0, output);
  assert.match(output, /remote: +│ .*compiling the wrong thing/);
  assert.match(output, /remote: ✖ +3 compileSlug/);
  assert.match(output, /\[remote rejected\] main -> main/);
  assert.equal(await deployedCommit(), before);
  assert.deepEqual(await bundles(), kept);
  assert.match((await visit(rig, APP)).body, /Hello/);
  await laptop.must('reset', '--quiet', '--hard', 'HEAD~1');
});

test('a commit with the tree of before deploys without a compile', async () => {
  const head = await commit('nothing new');
  const output = await laptop.must('push', 'dcdget', 'main');
  assert.match(output, /remote: – +3 compileSlug +skipped +the same source was compiled before/);
  assert.equal(await deployedCommit(), head);
});

test('other branches, tags and names of a shell are refused with a sentence', async () => {
  await isRefused(['dcdget', 'main:feature'], /remote: +! +Only main or master deploys: feature was not taken/);
  await isRefused(['dcdget', 'main:refs/tags/v1'], /refs\/tags\/v1 was not taken/);
  const marker = join(laptop.home, 'marker');
  await isRefused(['dcdget', `main:refs/heads/x;touch\${IFS}${marker};$(id)`], /\$\(id\) was not taken/);
  assert.ok(!existsSync(marker));
});

test('an object that is not sound is refused', async () => {
  const blob = await laptop.must('hash-object', '-w', 'server.js');
  const file = join(laptop.home, 'tree');
  writeFileSync(file, Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')]));
  const tree = await laptop.must('hash-object', '-t', 'tree', '--literally', '-w', file);
  const bad = await laptop.must('commit-tree', tree, '-m', 'bad');
  await isRefused(['--force', 'dcdget', `${bad}:main`], /hasDotgit/);
});

test('of two pushes at once the second is refused; Ctrl-C of the first leaves its deploy running', async () => {
  source.edit('server.js', 'Hello', 'Hello once more');
  const head = await commit('once more');
  const push = startPush();
  const [, id = ''] = await push.seen(/Ctrl-C leaves this deploy running: dcdget operations:watch (\S+)/);
  await isRefused(['dcdget', 'main'], new RegExp(`Another push to pushed is being deployed.*${id}`));
  push.interrupt();
  await push.ended;
  assert.equal((await finished(rig, id)).state, 'succeeded');
  assert.equal(await deployedCommit(), head);
  assert.match((await visit(rig, APP)).body, /Hello once more/);
});

test('a history that was rewritten is taken with --force; submodules and Git LFS are named', async () => {
  await laptop.must('reset', '--quiet', '--hard', 'HEAD~2');
  await laptop.must(
    'update-index',
    '--add',
    '--cacheinfo',
    `160000,${await laptop.must('rev-parse', 'HEAD')},vendor/lib`,
  );
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;
  source.write('film.mp4', pointer);
  await laptop.must('add', 'film.mp4');
  await laptop.must('commit', '--quiet', '--message', 'rewritten');
  assert.match((await laptop.git('push', 'dcdget', 'main')).output, /non-fast-forward|fetch first/);
  const output = await laptop.must('push', '--force', 'dcdget', 'main');
  assert.match(output, /The history of main is rewritten/);
  assert.match(output, /Submodules are not fetched, their folders stay empty: vendor\/lib/);
  assert.match(output, /Files of Git LFS are not fetched, only their pointers are deployed: film\.mp4/);
  assert.equal(await deployedCommit(), await laptop.must('rev-parse', 'HEAD'));
});

test(`a repository of ${LARGE_MB} MB is pushed and cloned`, async () => {
  for (const name of ['one', 'two']) {
    writeFileSync(join(source.folder, 'large'), randomBytes((LARGE_MB / 2) * 1024 * 1024));
    await commit(`large ${name}`);
  }
  await laptop.must('rm', '--quiet', 'large');
  const head = await commit('small again');
  const pushed = await timed(() => laptop.must('push', 'dcdget', 'main'));
  assert.equal(await deployedCommit(), head);
  const cloned = await timed(() => laptop.dcdget('git:clone', '--app', APP, join(laptop.home, 'clone')));
  console.log(`pushed in ${pushed.seconds} s, cloned in ${cloned.seconds} s`);
  assert.equal(cloned.value.exitCode, 0, cloned.value.stdout + cloned.value.stderr);
  assert.equal(await laptop.must('-C', join(laptop.home, 'clone'), 'rev-parse', 'HEAD'), head);
  assert.equal(await laptop.must('-C', join(laptop.home, 'clone'), 'remote'), 'dcdget');
  await laptop.must('-C', join(laptop.home, 'clone'), 'fsck', '--full');
});

test('an app that nobody pushed to is cloned empty', async () => {
  const folder = join(laptop.home, 'empty');
  const { exitCode, stderr } = await laptop.dcdget('git:clone', '--app', EMPTY_APP, folder);
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /empty repository/);
});

test('a token in netrc is taken, a wrong one and an app that is not there are not', async () => {
  const { hostname } = new URL(rig.client.DCDGET_URL);
  const home = mkdtempSync(join(laptop.home, 'netrc-'));
  const ask = (app: string, password: string) => {
    writeFileSync(join(home, '.netrc'), `machine ${hostname}\n  login ada@example.com\n  password ${password}\n`);
    const env = {
      PATH: process.env['PATH'],
      HOME: home,
      GIT_TERMINAL_PROMPT: '0',
      GIT_SSL_CAINFO: rig.client.DCDGET_CA,
    };
    return runProgram('git', ['ls-remote', `${rig.client.DCDGET_URL}/${app}.git`], env, home);
  };
  const { exitCode, stdout, stderr } = await ask(APP, rig.client.DCDGET_TOKEN);
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /refs\/heads\/main/);
  assert.match((await ask(APP, 'wrong')).stderr, /Authentication failed|could not read Username/);
  assert.match((await ask('no-such-app', rig.client.DCDGET_TOKEN)).stderr, /Couldn't find that app: no-such-app/);
});

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: string }> {
  const startedAt = Date.now();
  const value = await work();
  return { value, seconds: ((Date.now() - startedAt) / 1000).toFixed(1) };
}
