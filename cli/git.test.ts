import { deepStrictEqual, doesNotMatch, match, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { FakeApi } from './fake-api.ts';
import { makeAuthority } from './fake-authority.ts';
import { dcdget } from './fake-cli.ts';

const APP = { id: '2', name: 'hello', web_url: 'http://hello.apps.example.com/' };
const BRANCH = { chosen: null, deploys: ['main', 'master'], name: 'main', commit: 'c'.repeat(40) };

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-git-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function gitIn(folder: string, words: string[], { input = '', env = {} } = {}): string {
  return execFileSync('git', ['-C', folder, ...words], {
    input,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', ...env },
  });
}

function repository(t: TestContext): string {
  const folder = temporary(t);
  gitIn(folder, ['init', '--quiet']);
  return folder;
}

async function apiWithApp(): Promise<FakeApi> {
  return (await new FakeApi().listen()).on('GET /apps/hello', { body: APP });
}

test('git:remote makes a remote, and git asks the command line for the token', async (t) => {
  await using api = await apiWithApp();
  const cwd = repository(t);
  const run = await dcdget(api, ['git:remote', '-a', 'hello'], { cwd });
  strictEqual(run.exitCode, 0, run.stderr);
  match(run.stdout, /git push dcdget main/);
  strictEqual(gitIn(cwd, ['remote', 'get-url', 'dcdget']), `${api.url}/hello.git\n`);
  doesNotMatch(readFileSync(join(cwd, '.git/config'), 'utf8'), /the-token/);
  const env = { DCDGET_URL: api.url, DCDGET_TOKEN: 'the-token' };
  const asked = (url: string) => gitIn(cwd, ['credential', 'fill'], { input: `url=${url}\n\n`, env });
  match(asked(`${api.url}/hello.git`), /^username=dcdget\npassword=the-token$/m);
});

test('git:remote again changes the remote, and leaves one helper', async (t) => {
  await using api = await apiWithApp();
  const cwd = repository(t);
  gitIn(cwd, ['remote', 'add', 'production', 'https://elsewhere.example.com/x.git']);
  for (let count = 0; count < 2; count += 1) {
    const run = await dcdget(api, ['git:remote', 'hello', '--remote', 'production', '--json'], { cwd });
    deepStrictEqual(JSON.parse(run.stdout), { remote: 'production', url: `${api.url}/hello.git` });
  }
  strictEqual(gitIn(cwd, ['remote', 'get-url', 'production']), `${api.url}/hello.git\n`);
  const helpers = gitIn(cwd, ['config', '--get-all', `credential.${api.url}.helper`]).split('\n');
  deepStrictEqual([helpers.length, helpers[0]], [3, '']);
});

test('git:remote trusts the private CA for this dcdget alone', async (t) => {
  const { ca, server } = makeAuthority();
  await using api = await new FakeApi(server).listen();
  api.on('GET /apps/hello', { body: APP });
  const cwd = repository(t);
  writeFileSync(join(cwd, 'ca.pem'), ca);
  const env = { DCDGET_CA: join(cwd, 'ca.pem'), XDG_CONFIG_HOME: join(cwd, 'config') };
  const run = await dcdget(api, ['git:remote', '-a', 'hello'], { cwd, env });
  strictEqual(run.exitCode, 0, run.stderr);
  const file = gitIn(cwd, ['config', '--get', `http.${api.url}.sslCAInfo`]).trim();
  strictEqual(readFileSync(file, 'utf8'), ca);
  strictEqual(run.stderr, '');
  const other = await dcdget(api, ['git:remote', '-a', 'hello'], {
    cwd,
    env: { ...env, GIT_SSL_CAINFO: '/other.pem' },
  });
  deepStrictEqual([other.exitCode, /GIT_SSL_CAINFO of this shell wins/.test(other.stderr)], [0, true]);
});

test('git:remote outside of a repository, and with a name that git takes for an option, is refused', async (t) => {
  await using api = await apiWithApp();
  const outside = await dcdget(api, ['git:remote', '-a', 'hello'], { cwd: temporary(t) });
  deepStrictEqual([outside.exitCode, /in no git repository.\n +.*git init/.test(outside.stderr)], [2, true]);
  const option = await dcdget(api, ['git:remote', '-a', 'hello', '--remote=--upload-pack=x'], { cwd: repository(t) });
  strictEqual(option.exitCode, 2);
});

test('git:credentials answers for its own dcdget only', async () => {
  await using api = await apiWithApp();
  const { host } = new URL(api.url);
  const answer = async (verb: string, stdin: string) =>
    (await dcdget(api, ['git:credentials', verb], { stdin })).stdout;
  strictEqual(await answer('get', `protocol=http\nhost=${host}\n`), 'username=dcdget\npassword=the-token\n');
  strictEqual(await answer('get', `protocol=https\nhost=${host}\n`), '');
  strictEqual(await answer('get', 'protocol=http\nhost=evil.example.com\n'), '');
  strictEqual(await answer('erase', `protocol=http\nhost=${host}\n`), '');
});

test('git:branch shows and chooses the branch that deploys', async () => {
  await using api = await apiWithApp();
  const chosen = { ...BRANCH, chosen: 'production', deploys: ['production'] };
  api.on('GET /apps/hello/branch', { body: BRANCH }).on('PATCH /apps/hello/branch', { body: chosen });
  match(
    (await dcdget(api, ['git:branch', '-a', 'hello'])).stdout,
    /main or master deploys to hello.*\nmain is at c{40}/,
  );
  const run = await dcdget(api, ['git:branch', 'production', '-a', 'hello']);
  match(run.stdout, /production deploys to hello/);
  await dcdget(api, ['git:branch', '--usual', '-a', 'hello']);
  const bodies = api.requestsTo('PATCH /apps/hello/branch').map(({ body }) => JSON.parse(body.toString()) as unknown);
  deepStrictEqual(bodies, [{ chosen: 'production' }, { chosen: null }]);
});
