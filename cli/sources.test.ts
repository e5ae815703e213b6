import { deepStrictEqual, doesNotMatch, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { anOperation, FakeApi } from './fake-api.ts';
import { dcdget } from './fake-cli.ts';

const REPOSITORY = 'https://example.com/ada/app.git';
const APP = { id: '22222222-2222-4222-8222-222222222222', name: 'hello', web_url: 'http://hello.apps.example.com/' };
const HOOK = {
  id: '33333333-3333-4333-8333-333333333333',
  git: { url: REPOSITORY },
  branch: 'main',
  url: 'https://paas.example.com/apps/hello/webhooks/3',
  delivery: null,
};

async function fakeApi(): Promise<FakeApi> {
  const ended = anOperation('succeeded');
  const api = await new FakeApi().listen();
  api.streams.set(`/operations/${ended.id}/stream`, { events: [] });
  return api
    .on(`GET /operations/${ended.id}`, { body: ended })
    .on('GET /apps/hello', { body: APP })
    .on('POST /apps/hello/builds', { status: 201, headers: { 'dcdget-operation': ended.id }, body: { id: 'build' } })
    .on('GET /apps/hello/hooks', { body: [HOOK] })
    .on('POST /apps/hello/hooks', { status: 201, body: { ...HOOK, secret: 'signs-deliveries' } })
    .on(`POST /apps/hello/hooks/${HOOK.id}/actions/rotate`, { body: { ...HOOK, secret: 'another-one' } })
    .on(`DELETE /apps/hello/hooks/${HOOK.id}`, { body: HOOK });
}

function sent(api: FakeApi, route: string): unknown {
  return JSON.parse(api.requestsTo(route)[0]?.body.toString() ?? 'null');
}

test('deploy --git asks for a build of the repository, with the token of the environment or of stdin', async () => {
  for (const how of [
    { env: { DCDGET_GIT_TOKEN: 'opens-it' }, words: [] },
    { stdin: 'opens-it\n', words: ['--token-stdin'] },
  ]) {
    await using api = await fakeApi();
    const run = await dcdget(api, ['deploy', '-a', 'hello', '--git', REPOSITORY, '--ref', 'v1', ...how.words], how);
    strictEqual(run.exitCode, 0, run.stderr);
    match(run.stdout, /Deploying https:\/\/example\.com\/ada\/app\.git to hello/);
    doesNotMatch(run.stdout + run.stderr, /opens-it/);
    deepStrictEqual(sent(api, 'POST /apps/hello/builds'), { git: { url: REPOSITORY, ref: 'v1', token: 'opens-it' } });
    strictEqual(api.requestsTo('POST /sources').length, 0);
  }
});

test('deploy --archive asks for a build of the archive, with its checksum', async () => {
  await using api = await fakeApi();
  const url = 'https://example.com/app.tar.gz';
  const run = await dcdget(api, ['deploy', '-a', 'hello', '--archive', url, '--checksum', 'SHA256:abc']);
  strictEqual(run.exitCode, 0, run.stderr);
  deepStrictEqual(sent(api, 'POST /apps/hello/builds'), {
    source_blob: { url, version: null, checksum: 'SHA256:abc' },
  });
});

test('a source that is given twice, or by half, is wrong usage and deploys nothing', async () => {
  await using api = await fakeApi();
  for (const words of [
    ['./folder', '--git', REPOSITORY],
    ['--git', REPOSITORY, '--archive', 'https://example.com/a.tgz'],
    ['--ref', 'main'],
    ['--checksum', 'SHA256:abc'],
    ['--git', REPOSITORY, '--token-stdin'],
  ]) {
    const run = await dcdget(api, ['deploy', '-a', 'hello', ...words]);
    strictEqual(run.exitCode, 2, `${words.join(' ')}: ${run.stdout}${run.stderr}`);
  }
  strictEqual(api.requestsTo('POST /apps/hello/builds').length, 0);
});

test('hooks are made, listed, given another secret and removed; a secret is shown by what makes it alone', async () => {
  await using api = await fakeApi();
  const added = await dcdget(api, ['hooks:add', '-a', 'hello', '--git', REPOSITORY], {
    env: { DCDGET_GIT_TOKEN: 'opens-it' },
  });
  strictEqual(added.exitCode, 0, added.stderr);
  match(added.stdout, /Secret: +signs-deliveries/);
  const wanted = { git: { url: REPOSITORY, token: 'opens-it' }, branch: 'main' };
  deepStrictEqual(sent(api, 'POST /apps/hello/hooks'), wanted);
  match(
    (await dcdget(api, ['hooks', '-a', 'hello'])).stdout,
    /main of https:.*\n.*webhooks\/3\n.*nothing was delivered/,
  );
  match((await dcdget(api, ['hooks:rotate', HOOK.id, '-a', 'hello'])).stdout, /Secret: +another-one/);
  match((await dcdget(api, ['hooks:remove', HOOK.id, '-a', 'hello'])).stdout, /Hook removed from hello/);
});
