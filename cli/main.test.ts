import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Operation, OperationState } from './api-types.ts';
import { anOperation, aStep, FakeApi, headOf, type StreamEvent } from './fake-api.ts';
import { makeAuthority } from './fake-authority.ts';
import { dcdget, type Run } from './fake-cli.ts';

const APP = {
  id: '22222222-2222-4222-8222-222222222222',
  name: 'hello',
  owner: { id: '3', email: 'dev@example.com' },
  stack: { id: '4', name: 'batman' },
  web_url: 'http://hello.apps.example.com/',
  maintenance: false,
  created_at: '2026-01-02T03:04:05.000Z',
  updated_at: '2026-01-02T03:04:05.000Z',
  released_at: null,
};

const FAILURE = {
  step: 'startProcess',
  code: 'app_crashed',
  message: 'web.1 exited with 1',
  hint: 'Run it locally first.',
  output: 'Error: no such module\n    at start',
};

/** An API whose operation streams these events and then is as given. */
async function apiWith(ended: Operation, events: StreamEvent[] = eventsOf(ended)): Promise<FakeApi> {
  const api = await new FakeApi().listen();
  const path = `/operations/${ended.id}`;
  api.streams.set(`${path}/stream`, { events });
  return api
    .on(`GET ${path}`, { body: ended })
    .on('GET /apps/hello', { body: APP })
    .on('GET /apps', { body: [APP] })
    .on('POST /sources', () => ({
      status: 201,
      body: { source_blob: { get_url: `${api.url}/blob`, put_url: `${api.url}/blob?signature=secret` } },
    }))
    .on('PUT /blob', { body: '' })
    .on('POST /apps/hello/builds', { status: 201, headers: { 'dcdget-operation': ended.id }, body: { id: 'build' } })
    .on('GET /apps/hello/build-config-vars', { body: { KEY: true } })
    .on('PATCH /apps/hello/build-config-vars', { body: {} })
    .on('PATCH /apps/hello/config-vars', { headers: { 'dcdget-operation': ended.id }, body: { A: '1' } })
    .on('DELETE /apps/hello', { status: 202, headers: { 'dcdget-operation': ended.id }, body: APP });
}

function eventsOf(ended: Operation): StreamEvent[] {
  return [
    { event: 'operation', data: headOf(anOperation('running')) },
    { event: 'step', data: aStep(1) },
    { event: 'step', data: aStep(2) },
    { event: 'output', data: { text: '-----> Node.js detected\n' } },
    ...ended.steps.slice(2).map((data) => ({ event: 'step', data }) as const),
    { event: 'operation', data: headOf(ended) },
  ];
}

function sourceFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-source-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'index.js'), '');
  return folder;
}

function errorOf(run: Run): Record<string, unknown> {
  return (JSON.parse(run.stdout) as { error: Record<string, unknown> }).error;
}

test('deploy uploads the folder without the token, shows fifteen steps and the log, and tells the URL', async (t) => {
  await using api = await apiWith(anOperation('succeeded'));
  const run = await dcdget(api, ['deploy', sourceFolder(t), '-a', 'hello', '--source-version', 'abc']);
  strictEqual(run.exitCode, 0, run.stderr);
  strictEqual(run.stderr, '');
  const steps = run.stdout.split('\n').filter((line) => /^[✔–] +\d+ \w/.test(line));
  strictEqual(steps.length, 15, run.stdout);
  match(run.stdout, /fetchSource.*\n +│ -----> Node\.js detected\n✔ +3 compileSlug/);
  match(run.stdout, /hello v4 is live, 12\.3 s\n +http:\/\/hello\.apps\.example\.com\/\n$/);
  // oxlint-disable-next-line no-control-regex -- what must not be in a file
  doesNotMatch(run.stdout, /\u001b/);
  const [upload] = api.requestsTo('PUT /blob?signature=secret');
  deepStrictEqual([upload?.headers.authorization, upload?.body.subarray(0, 2).toString('hex')], [undefined, '1f8b']);
  const [build] = api.requestsTo('POST /apps/hello/builds');
  strictEqual(build?.headers.authorization, 'Bearer the-token');
  const asked = { source_blob: { url: `${api.url}/blob`, version: 'abc' } };
  deepStrictEqual(JSON.parse(build?.body.toString() ?? ''), asked);
});

test('deploy --json prints one JSON document and nothing else', async (t) => {
  await using api = await apiWith(anOperation('succeeded'));
  const run = await dcdget(api, ['deploy', sourceFolder(t), '--json'], { env: { DCDGET_APP: 'hello' } });
  deepStrictEqual([run.exitCode, run.stderr], [0, '']);
  const { app, operation } = JSON.parse(run.stdout) as { app: { name: string }; operation: Operation };
  deepStrictEqual([app.name, operation.state, operation.steps.length], ['hello', 'succeeded', 15]);
});

test('a failed deploy exits 1 with the step, the reason, the last lines and the hint on stderr', async (t) => {
  await using api = await apiWith(anOperation('failed', { failure: FAILURE }));
  const run = await dcdget(api, ['deploy', sourceFolder(t), '-a', 'hello']);
  strictEqual(run.exitCode, 1);
  strictEqual(
    run.stderr,
    [
      '✖ The deploy of hello v4 failed at step 10 startProcess: web.1 exited with 1',
      '  │ Error: no such module',
      '  │     at start',
      '  Run it locally first.',
      '',
    ].join('\n'),
  );
});

test('a failed deploy with --json tells the error and the operation as JSON', async (t) => {
  await using api = await apiWith(anOperation('failed', { failure: FAILURE }));
  const run = await dcdget(api, ['deploy', sourceFolder(t), '-a', 'hello', '--json']);
  const { id, message, hint, output, step, operation } = errorOf(run);
  strictEqual(run.exitCode, 1);
  strictEqual(run.stderr, '');
  deepStrictEqual([id, step, hint, output], ['app_crashed', 'startProcess', FAILURE.hint, FAILURE.output]);
  match(String(message), /failed at step 10 startProcess/);
  strictEqual((operation as Operation).state, 'failed');
});

test('an operation that needs an operator tells the last lines of its step', async () => {
  const failure = { ...FAILURE, output: null };
  const steps = [aStep(10, { subject: 'web.1', state: 'failed', output: 'no space left\n' })];
  await using api = await apiWith(anOperation('needs-operator', { failure, steps, ended_at: null }));
  const run = await dcdget(api, ['operations:watch', anOperation('running').id]);
  deepStrictEqual(
    [run.exitCode, /needs an operator: .*\n +│ no space left\n/.test(run.stderr)],
    [75, true],
    run.stderr,
  );
});

test('the exit code follows the final state', async () => {
  const codes: [OperationState, number][] = [
    ['succeeded', 0],
    ['failed', 1],
    ['cancelled', 1],
    ['superseded', 1],
    ['needs-operator', 75],
  ];
  for (const [state, exitCode] of codes) {
    const operation = anOperation(state, state === 'needs-operator' ? { failure: FAILURE, ended_at: null } : {});
    await using api = await apiWith(operation);
    const run = await dcdget(api, ['operations:watch', operation.id]);
    strictEqual(run.exitCode, exitCode, `${state}: ${run.stderr}`);
  }
});

test('Ctrl-C stops watching with 130 and says how to go on watching', async (t) => {
  await using api = await apiWith(anOperation('running'));
  api.streams.set(`/operations/${anOperation('running').id}/stream`, { events: endless() });
  const run = await dcdget(api, ['deploy', sourceFolder(t), '-a', 'hello'], { interruptAfter: 'createRelease' });
  strictEqual(run.exitCode, 130);
  match(run.stderr, /Stopped watching; the operation goes on\.\n +Follow it again with: dcdget operations:watch 1111/);
});

test('Ctrl-C before the build is asked for deploys nothing and leaves no file behind', async (t) => {
  await using api = await apiWith(anOperation('succeeded'));
  api.on('POST /sources', () => new Promise<never>(() => undefined));
  const TMPDIR = mkdtempSync(join(tmpdir(), 'dcdget-tmp-'));
  t.after(() => rmSync(TMPDIR, { recursive: true }));
  const options = { interruptAfter: 'packed', env: { TMPDIR } };
  const run = await dcdget(api, ['deploy', sourceFolder(t), '-a', 'hello'], options);
  strictEqual(run.exitCode, 130);
  match(run.stderr, /nothing was deployed/);
  strictEqual(api.requestsTo('POST /apps/hello/builds').length, 0);
  deepStrictEqual(readdirSync(TMPDIR), []);
});

async function* endless(): AsyncGenerator<StreamEvent> {
  yield { event: 'step', data: aStep(1) };
  await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
}

test('a stream cut in the middle is resumed after its last event, with nothing told twice', async () => {
  const operation = anOperation('succeeded');
  await using api = await apiWith(operation);
  const path = `/operations/${operation.id}/stream`;
  api.streams.set(path, { events: eventsOf(operation), cutAfter: 6 });
  const run = await dcdget(api, ['operations:watch', operation.id]);
  strictEqual(run.exitCode, 0, run.stderr);
  const resumed = api.requestsTo(`GET ${path}`).map(({ headers }) => headers['last-event-id']);
  deepStrictEqual(resumed, [undefined, '6']);
  strictEqual(run.stdout.split('compileSlug').length, 2, run.stdout);
  match(run.stdout, /connection lost, trying again/);
});

test('a stream that is closed before the end is asked for the outcome', async () => {
  const operation = anOperation('succeeded');
  await using api = await apiWith(operation, [{ event: 'step', data: aStep(1) }]);
  const run = await dcdget(api, ['operations:watch', operation.id, '--json']);
  deepStrictEqual([run.exitCode, (JSON.parse(run.stdout) as Operation).state], [0, 'succeeded']);
});

test('operations:info lists the steps with server, attempt, time and reason', async () => {
  const steps = [
    aStep(2, { state: 'skipped', reason: 'same source as before', started_at: null, ended_at: null }),
    aStep(1, { subject: 'web.1', server: 'fra-1', attempt: 2 }),
  ];
  await using api = await apiWith(anOperation('failed', { failure: FAILURE, steps }));
  const { stdout, exitCode } = await dcdget(api, ['operations:info', anOperation('failed').id]);
  strictEqual(exitCode, 0);
  match(stdout, / 1 +createRelease +web\.1 +fra-1 +succeeded +2 +\d\d:\d\d:\d\d +250 ms +–\n/);
  match(stdout, / 2 +fetchSource +– +– +skipped +– +– +– +– +same source as before\n/);
  match(stdout, /startProcess: web\.1 exited with 1\n +│ Error: no such module/);
});

test('config:set sends the pairs, follows the release, and repeats no value', async () => {
  await using api = await apiWith(anOperation('succeeded', { kind: 'config' }));
  const run = await dcdget(api, ['config:set', 'A=secret=1', 'B=', '-a', 'hello']);
  strictEqual(run.exitCode, 0, run.stderr);
  const [change] = api.requestsTo('PATCH /apps/hello/config-vars');
  deepStrictEqual(JSON.parse(change?.body.toString() ?? ''), { A: 'secret=1', B: '' });
  match(run.stdout, /A, B set on hello, live in v4, 12\.3 s\.\n$/);
  doesNotMatch(run.stdout, /secret/);
});

test('config:set --stdin takes a value byte for byte, and config:unset sends null', async () => {
  await using api = await apiWith(anOperation('succeeded', { kind: 'config' }));
  const value = "line 1\n  'quoted' $(x)\n";
  await dcdget(api, ['config:set', '--stdin', 'KEY', '-a', 'hello'], { stdin: value });
  await dcdget(api, ['config:unset', 'KEY', 'OTHER', '-a', 'hello']);
  const bodies = api
    .requestsTo('PATCH /apps/hello/config-vars')
    .map(({ body }) => JSON.parse(body.toString()) as unknown);
  deepStrictEqual(bodies, [{ KEY: value }, { KEY: null, OTHER: null }]);
});

test('config:set --build names the keys for builds, and config:unset takes the name back', async () => {
  await using api = await apiWith(anOperation('succeeded', { kind: 'config' }));
  const path = 'PATCH /apps/hello/build-config-vars';
  await dcdget(api, ['config:set', 'A=1', '-a', 'hello']);
  strictEqual(api.requestsTo(path).length, 0);
  await dcdget(api, ['config:set', '--build', 'A=secret', '-a', 'hello']);
  await dcdget(api, ['config:unset', 'KEY', 'OTHER', '-a', 'hello']);
  const bodies = api.requestsTo(path).map(({ body }) => JSON.parse(body.toString()) as unknown);
  deepStrictEqual(bodies, [{ A: true }, { KEY: false }]);
  api.on('GET /apps/hello/config-vars', { body: { KEY: '1', OTHER: '2' } });
  strictEqual((await dcdget(api, ['config', '--build', '-a', 'hello'])).stdout, 'KEY: 1\n');
});

test('buildpacks are set, added and removed at their places, and the whole list is sent', async () => {
  await using api = await apiWith(anOperation('succeeded'));
  const path = '/apps/hello/buildpack-installations';
  const installed = ['heroku/python', 'https://git.example/a#v1'].map((name, ordinal) => ({
    ordinal,
    buildpack: { name, url: name },
  }));
  api.on(`GET ${path}`, { body: installed }).on(`PUT ${path}`, { body: installed });
  const listed = await dcdget(api, ['buildpacks', '-a', 'hello']);
  strictEqual(listed.stdout, '1. heroku/python\n2. https://git.example/a#v1\n');
  const [python, git] = ['heroku/python', 'https://git.example/a#v1'];
  for (const [words, sent] of [
    [
      ['buildpacks:set', 'nodejs'],
      ['nodejs', git],
    ],
    [
      ['buildpacks:set', 'nodejs', '--index', '2'],
      [python, 'nodejs'],
    ],
    [
      ['buildpacks:set', 'nodejs', '--index', '9'],
      [python, git, 'nodejs'],
    ],
    [
      ['buildpacks:add', 'nodejs'],
      [python, git, 'nodejs'],
    ],
    [
      ['buildpacks:add', 'nodejs', '-i', '1'],
      ['nodejs', python, git],
    ],
    [['buildpacks:remove', 'python'], [git]],
    [['buildpacks:remove', '--index', '2'], [python]],
    [['buildpacks:clear'], []],
  ] as const) {
    const run = await dcdget(api, [...words, '-a', 'hello']);
    strictEqual(run.exitCode, 0, run.stderr);
    const { updates } = JSON.parse(api.requestsTo(`PUT ${path}`).at(-1)?.body.toString() ?? '') as {
      updates: { buildpack: string }[];
    };
    deepStrictEqual(
      updates.map(({ buildpack }) => buildpack),
      sent,
      words.join(' '),
    );
  }
  const missing = await dcdget(api, ['buildpacks:remove', 'ruby', '-a', 'hello', '--json']);
  deepStrictEqual([missing.exitCode, errorOf(missing)['id']], [1, 'not_found']);
  strictEqual((await dcdget(api, ['buildpacks:remove', '-a', 'hello'])).exitCode, 2);
});

test('builds:cache:purge asks for it', async () => {
  await using api = await apiWith(anOperation('succeeded'));
  api.on('DELETE /apps/hello/build-cache', { body: {} });
  const run = await dcdget(api, ['builds:cache:purge', '-a', 'hello']);
  deepStrictEqual([run.exitCode, api.requestsTo('DELETE /apps/hello/build-cache').length], [0, 1], run.stderr);
});

test('config --shell quotes values for a shell, and config:get gives one value', async () => {
  await using api = await apiWith(anOperation('succeeded'));
  api.on('GET /apps/hello/config-vars', { body: { B: "it's", A: 'x y' } });
  strictEqual((await dcdget(api, ['config', '-s', '-a', 'hello'])).stdout, "A='x y'\nB='it'\\''s'\n");
  strictEqual((await dcdget(api, ['config:get', 'B', '-a', 'hello'])).stdout, "it's\n");
  const absent = await dcdget(api, ['config:get', 'C', '-a', 'hello', '--json']);
  deepStrictEqual([absent.exitCode, errorOf(absent)['id']], [1, 'not_found']);
});

test('apps:destroy does nothing without the name of the app', async () => {
  await using api = await apiWith(anOperation('succeeded', { kind: 'destroy', release: null }));
  const wrong = await dcdget(api, ['apps:destroy', 'hello', '--confirm', 'other']);
  strictEqual(wrong.exitCode, 2);
  const unasked = await dcdget(api, ['apps:destroy', 'hello']);
  match(unasked.stderr, /no terminal to ask in\.\n +Say so with --confirm hello/);
  strictEqual(api.requestsTo('DELETE /apps/hello').length, 0);
  const right = await dcdget(api, ['apps:destroy', 'hello', '--confirm', 'hello']);
  match(right.stdout, /hello is gone/);
});

test("servers:add pins only a host key that has the operator's fingerprint", async () => {
  const operation = anOperation('succeeded', { kind: 'add-server', app: null, release: null, subject: 'fra-1' });
  await using api = await apiWith(operation);
  const server = { name: 'fra-1', host: '203.0.113.7', port: 22, user: 'root', roles: ['app'], state: 'ready' };
  api.on('GET /servers/fra-1', { body: server }).on('POST /servers', ({ body }) => {
    const { host_key: hostKey } = JSON.parse(body.toString()) as { host_key?: string };
    if (hostKey === 'ssh-ed25519 AAAA')
      return { status: 202, headers: { 'dcdget-operation': operation.id }, body: server };
    const found = { host_key: 'ssh-ed25519 AAAA', fingerprint: 'SHA256:found' };
    return { status: 409, body: { id: 'host_key_unconfirmed', message: 'It shows a key.', ...found } };
  });
  const add = ['servers:add', 'fra-1', '--host', '203.0.113.7', '--role', 'app'];
  const unasked = await dcdget(api, add);
  deepStrictEqual([unasked.exitCode, /--fingerprint SHA256:found/.test(unasked.stderr)], [2, true]);
  const other = await dcdget(api, [...add, '--fingerprint', 'SHA256:other', '--json']);
  deepStrictEqual([other.exitCode, errorOf(other)['id']], [1, 'host_key_mismatch']);
  strictEqual(api.requestsTo('POST /servers').length, 2);
  const right = await dcdget(api, [...add, '--fingerprint', 'SHA256:found']);
  strictEqual(right.exitCode, 0, right.stderr);
  match(right.stdout, /fra-1 is ready/);
  const trusting = await dcdget(api, [...add, '--yes', '--json']);
  strictEqual((JSON.parse(trusting.stdout) as { server: { name: string } }).server.name, 'fra-1');
});

test('what the API refuses is told in its words, as a sentence and a hint or as JSON', async () => {
  await using api = await new FakeApi().listen();
  const body = { id: 'invalid_params', message: 'name is taken', hint: 'Choose another.', field: 'name' };
  api.on('POST /apps', { status: 422, body });
  const told = await dcdget(api, ['apps:create', 'hello']);
  deepStrictEqual([told.exitCode, told.stderr], [1, '✖ name is taken\n  Choose another.\n']);
  const json = await dcdget(api, ['apps:create', 'hello', '--json']);
  deepStrictEqual(errorOf(json), { ...body, output: null });
});

test('a wrong token, a wrong place and a missing setting each have a hint, and no stack trace', async () => {
  await using api = await new FakeApi().listen();
  api.on('GET /apps', { status: 401, body: { id: 'unauthorized', message: 'no' } });
  match((await dcdget(api, ['apps'])).stderr, /does not accept the token\.\n +Set DCDGET_TOKEN/);
  api.on('GET /apps', { status: 200, body: '<html>' });
  match((await dcdget(api, ['apps'])).stderr, /without words of dcdget\.\n +Is DCDGET_URL that of a dcdget/);
  const unset = await dcdget(api, ['apps'], { env: { DCDGET_URL: '' } });
  deepStrictEqual([unset.exitCode, /\n +at /.test(unset.stderr)], [2, false]);
  const traced = await dcdget(api, ['apps'], { env: { DCDGET_URL: '', DCDGET_DEBUG: '1' } });
  match(traced.stderr, /\n +at /);
});

test('wrong usage exits 2, with --json as JSON', async () => {
  await using api = await new FakeApi().listen();
  for (const argv of [
    ['frob'],
    ['deploy', '--frob'],
    ['config:set', '-a', 'x'],
    ['config:get', '-a', 'x'],
    ['deploy'],
  ]) {
    const run = await dcdget(api, argv);
    deepStrictEqual([run.exitCode, run.stdout, run.stderr.startsWith('✖ ')], [2, '', true], argv.join(' '));
    const json = await dcdget(api, [...argv, '--json']);
    deepStrictEqual([json.exitCode, errorOf(json)['id'], json.stderr], [2, 'usage', ''], argv.join(' '));
  }
});

test('lists follow the pages of the API', async () => {
  await using api = await new FakeApi().listen();
  api.on('GET /apps', ({ headers }) =>
    headers.range === 'id ]2..'
      ? { body: [{ ...APP, name: 'third' }] }
      : { status: 206, headers: { 'next-range': 'id ]2..' }, body: [APP, { ...APP, name: 'second' }] },
  );
  const apps = JSON.parse((await dcdget(api, ['apps', '--json'])).stdout) as { name: string }[];
  deepStrictEqual(
    apps.map(({ name }) => name),
    ['hello', 'second', 'third'],
  );
});

test('an empty list is an empty JSON array', async () => {
  await using api = await new FakeApi().listen();
  api.on('GET /servers', { body: [] });
  deepStrictEqual(JSON.parse((await dcdget(api, ['servers', '--json'])).stdout), []);
});

test('login trusts a private CA by its fingerprint, stores all for this user only, and is then enough', async (t) => {
  const authority = makeAuthority();
  await using api = await new FakeApi(authority.server).listen();
  api.on('GET /ca.pem', { body: authority.ca }).on('GET /apps', { body: [APP] });
  const XDG_CONFIG_HOME = mkdtempSync(join(tmpdir(), 'dcdget-config-'));
  t.after(() => rmSync(XDG_CONFIG_HOME, { recursive: true }));
  const env = { XDG_CONFIG_HOME, DCDGET_URL: '', DCDGET_TOKEN: '' };
  const login = ['login', api.url, '--token-stdin'];
  const asked = await dcdget(api, login, { env, stdin: 'token\n' });
  match(asked.stderr, /fingerprint\n +([0-9A-F]{2}:){31}[0-9A-F]{2}\n/);
  strictEqual(asked.exitCode, 2);
  const [fingerprint = ''] = /([0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(asked.stderr) ?? [];
  const wrong = await dcdget(api, [...login, '--fingerprint', fingerprint.replace(/^../, 'zz')], { env, stdin: 'x' });
  match(wrong.stderr, /not the one given/);
  strictEqual(api.requestsTo('GET /apps').length, 0);
  const right = await dcdget(api, [...login, '--fingerprint', fingerprint], { env, stdin: 'token\n' });
  strictEqual(right.exitCode, 0, right.stderr);
  const file = join(XDG_CONFIG_HOME, 'dcdget', 'config.json');
  strictEqual(statSync(file).mode & 0o777, 0o600);
  ok(readFileSync(file, 'utf8').includes('"token": "token"'));
  const apps = await dcdget(api, ['apps', '--json'], { env });
  strictEqual(apps.exitCode, 0, apps.stdout);
});

test('--help tells of the command without asking the API', async () => {
  await using api = await new FakeApi().listen();
  const { stdout, exitCode } = await dcdget(api, ['help', 'deploy']);
  deepStrictEqual([exitCode, api.seen.length], [0, 0]);
  match(stdout, /USAGE\n +\$ dcdget deploy/);
});

const FORMATION = [{ type: 'web', quantity: 2, size: 'small', command: 'node .' }];

test('ps:scale sends all changes at once as texts, follows the operation and tells the formation', async () => {
  const operation = anOperation('succeeded', { kind: 'scale', release: null });
  await using api = await apiWith(operation);
  api.on('PATCH /apps/hello/formation', { headers: { 'dcdget-operation': operation.id }, body: FORMATION });
  const run = await dcdget(api, ['ps:scale', 'web=2', 'a-worker+1', 'web-2-1:medium', '-a', 'hello']);
  strictEqual(run.exitCode, 0, run.stderr);
  const [change] = api.requestsTo('PATCH /apps/hello/formation');
  deepStrictEqual(JSON.parse(change?.body.toString() ?? ''), {
    updates: [
      { type: 'web', quantity: '2' },
      { type: 'a-worker', quantity: '+1' },
      { type: 'web-2', quantity: '-1', size: 'medium' },
    ],
  });
  match(run.stdout, /hello runs web=2:small, 12\.3 s\.\n$/);
});

test('ps:scale that changes nothing says so, without arguments shows, and refuses what is no change', async () => {
  await using api = await new FakeApi().listen();
  api.on('PATCH /apps/hello/formation', { body: FORMATION }).on('GET /apps/hello/formation', { body: FORMATION });
  match(
    (await dcdget(api, ['ps:scale', 'web=2', '-a', 'hello'])).stdout,
    /web=2:small; nothing had to be changed\.\n$/,
  );
  strictEqual((await dcdget(api, ['ps:scale', '-a', 'hello'])).stdout, 'web=2:small\n');
  for (const word of ['web', 'web=', 'web=x', '=2', 'web=2:', 'web*2']) {
    const run = await dcdget(api, ['ps:scale', word, '-a', 'hello']);
    deepStrictEqual([run.exitCode, api.requestsTo('PATCH /apps/hello/formation').length], [2, 1], word);
  }
});

test('ps:restart takes everything, a type or one process', async () => {
  const operation = anOperation('succeeded', { kind: 'restart', release: null, scope: 'web.1' });
  await using api = await apiWith(operation);
  const headers = { 'dcdget-operation': operation.id };
  for (const path of ['dynos', 'dynos/web.1', 'formations/web']) {
    api.on(`DELETE /apps/hello/${path}`, { status: 202, headers, body: {} });
  }
  for (const [name, path] of [
    [[], 'dynos'],
    [['web.1'], 'dynos/web.1'],
    [['web'], 'formations/web'],
  ] as const) {
    const run = await dcdget(api, ['ps:restart', ...name, '-a', 'hello']);
    strictEqual(run.exitCode, 0, run.stderr);
    strictEqual(api.requestsTo(`DELETE /apps/hello/${path}`).length, 1);
    match(run.stdout, /restarted, 12\.3 s\.\n$/);
  }
});

test('ps shows states and since when', async () => {
  await using api = await new FakeApi().listen();
  const updated_at = new Date(Date.now() - 125_000).toISOString();
  const dyno = {
    name: 'web.1',
    type: 'web',
    state: 'up',
    size: 'small',
    release: { version: 4 },
    updated_at,
    problem: null,
  };
  api.on('GET /apps/hello/formation', { body: FORMATION }).on('GET /apps/hello/dynos', { body: [dyno] });
  match((await dcdget(api, ['ps', '-a', 'hello'])).stdout, /web\.1 +up +small +v4 +[\d-]+ [\d:]+ \(2 m 0\d s ago\)\n/);
});

test('ps --history tells how processes started and ended, oldest first', async () => {
  await using api = await new FakeApi().listen();
  const facts = {
    process: 'web.1',
    release: { version: 4 },
    exit_code: null,
    signal: null,
    reason: null,
    problem: null,
  };
  const up = { ...facts, state: 'up', at: '2026-01-02T03:04:05.000Z' };
  const problem = { code: 'H10', message: 'App crashed' };
  const crashed = {
    ...up,
    state: 'crashed',
    at: '2026-01-02T03:05:05.000Z',
    exit_code: 137,
    signal: 'SIGKILL',
    problem,
  };
  api.on('GET /apps/hello/dynos/web.1/history', { body: [crashed, up] });
  const run = await dcdget(api, ['ps', '--history', 'web.1', '-a', 'hello']);
  match(run.stdout, /web\.1 +v4 +up\n.*web\.1 +v4 +crashed +H10 App crashed \(status 137, SIGKILL\)\n$/);
  deepStrictEqual((await dcdget(api, ['ps', 'web.1', '-a', 'hello'])).exitCode, 2);
});

test('servers:check tells what differs, and exits 1 while something is left', async () => {
  await using api = await new FakeApi().listen();
  const at = new Date(Date.now() - 5000).toISOString();
  const drift = { kind: 'slug-orphan', subject: 'abc', detail: 'nobody leases it', since: at, error: null };
  const check = { server: { id: 's', name: 'one' }, state: 'checked', reason: null, busy: ['hello'], at };
  const left = { ...check, drifts: [{ ...drift, repair: 'waits' }] };
  const repaired = { ...check, drifts: [{ ...drift, repair: 'repaired' }] };
  const away = { ...check, state: 'unreachable', reason: 'one does not answer', drifts: [] };
  api.on('POST /server-checks', { body: [left] }).on('GET /server-checks', { body: [away] });
  const found = await dcdget(api, ['servers:check', 'one']);
  strictEqual(found.exitCode, 1, found.stderr);
  match(
    found.stdout,
    /one differs from the record.*\n.*worked on: hello\n.*\nslug-orphan +abc +nobody leases it +\d+\.\d s ago +waits\n/,
  );
  const [asked] = api.requestsTo('POST /server-checks');
  deepStrictEqual(JSON.parse(asked?.body.toString() ?? ''), { server: 'one', repair: false });
  const last = await dcdget(api, ['servers:check', '--last']);
  strictEqual(last.exitCode, 1);
  match(last.stdout, /one one does not answer/);
  api.on('POST /server-checks', { body: [repaired] });
  strictEqual((await dcdget(api, ['servers:check', '--repair'])).exitCode, 0);
});

test('rollback goes to the release given, or to the newest good one before the current', async () => {
  const operation = anOperation('succeeded', { kind: 'rollback', release: { version: 6 } });
  await using api = await apiWith(operation);
  const release = (version: number, eligible_for_rollback = true) => ({
    version,
    eligible_for_rollback,
    current: version === 4,
  });
  api
    .on('GET /apps/hello/releases', {
      body: [release(1), release(2), release(3, false), release(4), release(5, false)],
    })
    .on('POST /apps/hello/releases', {
      status: 201,
      headers: { 'dcdget-operation': operation.id },
      body: { version: 6, description: 'Rollback to v2' },
    });
  for (const argv of [['rollback'], ['rollback', 'v1'], ['releases:rollback', 'v1']]) {
    const run = await dcdget(api, [...argv, '-a', 'hello']);
    strictEqual(run.exitCode, 0, run.stderr);
    match(run.stdout, /hello v6 is live, 12\.3 s\n$/);
  }
  deepStrictEqual(
    api.requestsTo('POST /apps/hello/releases').map(({ body }) => JSON.parse(body.toString()) as unknown),
    [{ release: 'v2' }, { release: 'v1' }, { release: 'v1' }],
  );
  api.on('GET /apps/hello/releases', { body: [release(4)] });
  strictEqual((await dcdget(api, ['rollback', '-a', 'hello', '--json'])).exitCode, 1);
});

test('maintenance and pause follow their operation, and say when nothing had to be changed', async () => {
  const operation = anOperation('succeeded', { kind: 'mode', release: null });
  await using api = await apiWith(operation);
  const headers = { 'dcdget-operation': operation.id };
  api
    .on('PATCH /apps/hello', ({ body }) => {
      const { maintenance } = JSON.parse(body.toString()) as { maintenance: boolean };
      return maintenance ? { headers, body: { ...APP, mode: 'maintenance' } } : { body: { ...APP, mode: 'serving' } };
    })
    .on('POST /apps/hello/actions/pause', { headers, body: { ...APP, mode: 'paused' } })
    .on('POST /apps/hello/actions/resume', { headers, body: { ...APP, mode: 'serving' } });
  for (const [argv, told] of [
    [['maintenance:on'], /maintenance is on, .*, 12\.3 s\.\n$/],
    [['maintenance:off'], /maintenance is off; nothing had to be changed\.\n$/],
    [['apps:pause'], /paused, .*, 12\.3 s\.\n$/],
    [['pause', 'hello'], /paused, .*, 12\.3 s\.\n$/],
    [['resume'], /maintenance is off, 12\.3 s\.\n$/],
  ] as const) {
    const run = await dcdget(api, [...argv], { env: { DCDGET_APP: 'hello' } });
    strictEqual(run.exitCode, 0, run.stderr);
    match(run.stdout, told);
  }
});

test('operations:cancel succeeds when the operation is cancelled, and tells a refusal', async () => {
  const operation = anOperation('cancelled');
  await using api = await apiWith(operation);
  const path = `POST /operations/${operation.id}/actions/cancel`;
  api.on(path, { body: anOperation('running') });
  const run = await dcdget(api, ['operations:cancel', operation.id]);
  deepStrictEqual([run.exitCode, run.stderr], [0, '']);
  match(run.stdout, /The deploy of hello v4 is cancelled; the app is as it was before\.\n$/);
  api.on(path, { status: 409, body: { id: 'already_live', message: 'The operation is already live' } });
  const live = await dcdget(api, ['operations:cancel', operation.id, '--json']);
  deepStrictEqual([live.exitCode, errorOf(live)['id']], [1, 'already_live']);
});

test("an operator's decision is sent with its reason and followed; parked again it exits 75", async () => {
  for (const [action, state, exitCode] of [
    ['retry', 'succeeded', 0],
    ['skip', 'succeeded', 0],
    ['undo', 'failed', 0],
    ['retry', 'needs-operator', 75],
    ['undo', 'needs-operator', 75],
    ['retry', 'failed', 1],
    ['undo', 'succeeded', 0],
  ] as const) {
    const failure = state === 'needs-operator' || state === 'failed' ? FAILURE : null;
    const operation = anOperation(state, { failure });
    await using api = await apiWith(operation);
    const path = `POST /operations/${operation.id}/actions/${action}`;
    api.on(path, { body: anOperation('running') });
    const run = await dcdget(api, [`operations:${action}`, operation.id, '--reason', 'disk cleaned']);
    strictEqual(run.exitCode, exitCode, `${action} ${state}: ${run.stderr}`);
    deepStrictEqual(JSON.parse(api.requestsTo(path)[0]?.body.toString() ?? ''), { reason: 'disk cleaned' });
    if (exitCode === 75) match(run.stderr, /operations:undo 1111.* --reason TEXT\n$/);
    const silent = await dcdget(api, [`operations:${action}`, operation.id]);
    deepStrictEqual([silent.exitCode, api.requestsTo(path).length], [2, 1]);
  }
});

test('apps:destroy --force says so to the API', async () => {
  const operation = anOperation('succeeded', { kind: 'destroy' });
  await using api = await apiWith(operation);
  const run = await dcdget(api, ['apps:destroy', 'hello', '--confirm', 'hello', '--force']);
  strictEqual(run.exitCode, 0, run.stderr);
  strictEqual(api.requestsTo('DELETE /apps/hello?force=true').length, 1);
});

test('a reader that leaves ends the command line without a word', async () => {
  await using api = await new FakeApi().listen();
  api.on('GET /apps', { body: Array.from({ length: 5000 }, () => APP) });
  for (const argv of [['apps'], ['apps', '--json']]) {
    const { stderr, exitCode } = await dcdget(api, argv, { leaveAfter: 'hello' });
    deepStrictEqual([exitCode, stderr], [141, ''], argv.join(' '));
  }
});
