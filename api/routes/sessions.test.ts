import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGenuine, readKnock } from '../../domain/rendezvous.ts';
import { addApp, addCode, ask, createFakes, OTHER_TOKEN, type Fakes } from '../fake-dependencies.ts';

async function deployed(): Promise<Fakes> {
  const fakes = createFakes();
  addCode(fakes, await addApp(fakes), { web: 'node .', worker: 'node work' });
  return fakes;
}

const PATH = '/apps/hello/dynos';

test('a session is stored, its workflow is started, and its client is told where to meet it', async () => {
  const fakes = await deployed();
  const body = { command: 'bash', attach: true, env: { TERM: 'xterm', COLUMNS: 120, LINES: 40, MINE: '1' } };
  const answer = await ask(fakes, 'POST', PATH, { body });
  assert.equal(answer.status, 201);
  const [session] = fakes.data.sessions;
  assert.ok(session);
  assert.deepEqual(
    [answer.body.name, answer.body.type, answer.body.state, answer.body.command],
    [`run.${session.number}`, 'run', 'starting', 'bash'],
  );
  assert.deepEqual(session.terminal, {
    tty: true,
    rows: 40,
    columns: 120,
    framed: false,
    reattachSeconds: 0,
    idleSeconds: 3600,
  });
  assert.deepEqual(fakes.data.startedSessions, [{ sessionId: session.id, lastsSeconds: 86_400 }]);
  const url = new URL(answer.body.attach_url);
  assert.equal(url.host, 'paas.example.com:8445');
  const knock = readKnock(url.pathname.slice(1));
  assert.ok(knock !== null && isGenuine(fakes.signatures, knock));
  assert.deepEqual([knock.side, knock.sessionId, knock.waitSeconds], ['client', session.id, 0]);
});

test('a detached session has no terminal, and the name of a process type means its command', async () => {
  const fakes = await deployed();
  const { body } = await ask(fakes, 'POST', PATH, { body: { command: 'worker', attach: false, size: null } });
  assert.deepEqual([body.attach_url, body.command, fakes.data.sessions[0]?.terminal], [null, 'node work', null]);
});

test('a session is refused with the field that is wrong, and nothing is stored', async () => {
  const fakes = await deployed();
  for (const [body, field] of [
    [{}, 'command'],
    [{ command: '' }, 'command'],
    [{ command: 'a\0b' }, 'command'],
    [{ command: 'x', size: 'huge' }, 'size'],
    [{ command: 'x', env: { PORT: '1' } }, 'PORT'],
    [{ command: 'x', env: { 'A B': '1' } }, 'A B'],
    [{ command: 'x', time_to_live: 0 }, 'time_to_live'],
  ] as const) {
    const answer = await ask(fakes, 'POST', PATH, { body });
    assert.deepEqual([answer.status, answer.body.field], [422, field], JSON.stringify(body));
  }
  assert.deepEqual([fakes.data.sessions, fakes.data.startedSessions], [[], []]);
});

test('there is no session without a release, without a worker, without a rendezvous, or in the app of another', async () => {
  const fakes = await deployed();
  await addApp(fakes, 'empty');
  const body = { command: 'bash', attach: true };
  assert.equal((await ask(fakes, 'POST', '/apps/empty/dynos', { body })).status, 409);
  assert.equal(
    (await ask(fakes, 'POST', PATH, { body, headers: { authorization: `Bearer ${OTHER_TOKEN}` } })).status,
    404,
  );
  fakes.deps.rendezvous = null;
  assert.equal((await ask(fakes, 'POST', PATH, { body })).status, 503);
  fakes.data.hasWorker = false;
  assert.equal((await ask(fakes, 'POST', PATH, { body })).status, 503);
  assert.deepEqual(fakes.data.sessions, []);
});

test('a session is listed until it has ended, and can be asked for how it ended', async () => {
  const fakes = await deployed();
  const { body } = await ask(fakes, 'POST', PATH, { body: { command: 'bash' } });
  assert.deepEqual(
    (await ask(fakes, 'GET', PATH)).body.map(({ name }: { name: string }) => name),
    [body.name],
  );
  Object.assign(fakes.data.sessions[0] ?? {}, { state: 'ended', endedAt: new Date(0), exitCode: 3 });
  assert.deepEqual((await ask(fakes, 'GET', PATH)).body, []);
  const ended = await ask(fakes, 'GET', `${PATH}/${body.name}`);
  assert.deepEqual([ended.body.state, ended.body.exit_code], ['down', 3]);
});

test('a session is stopped by its name or id, and a process of the formation is not', async () => {
  const fakes = await deployed();
  const { body } = await ask(fakes, 'POST', PATH, { body: { command: 'bash' } });
  for (const name of [body.name, body.id]) {
    assert.equal((await ask(fakes, 'POST', `${PATH}/${name}/actions/stop`)).status, 202);
  }
  assert.deepEqual(fakes.data.signals, [`stop ${body.id}`, `stop ${body.id}`]);
  assert.equal((await ask(fakes, 'POST', `${PATH}/run.1/actions/stop`)).status, 404);
});

test('only a session that was begun so is taken up again', async () => {
  const fakes = await deployed();
  const once = await ask(fakes, 'POST', PATH, { body: { command: 'bash', attach: true, framed: true } });
  assert.equal((await ask(fakes, 'POST', `${PATH}/${once.body.name}/actions/attach`)).status, 409);
  const again = await ask(fakes, 'POST', PATH, {
    body: { command: 'bash', attach: true, framed: true, reattach_seconds: 60 },
  });
  const { status, body } = await ask(fakes, 'POST', `${PATH}/${again.body.name}/actions/attach`);
  assert.equal(status, 201);
  assert.notEqual(body.attach_url, again.body.attach_url);
});

test('all sessions of an app are stopped by their type, those that have ended are not told again', async () => {
  const fakes = await deployed();
  for (let n = 0; n < 3; n += 1) await ask(fakes, 'POST', PATH, { body: { command: 'bash' } });
  const [first, second, third] = fakes.data.sessions;
  Object.assign(second ?? {}, { endedAt: new Date(0) });
  const { status, body } = await ask(fakes, 'POST', '/apps/hello/formations/run/actions/stop');
  assert.deepEqual([status, body], [202, {}]);
  assert.deepEqual(fakes.data.signals, [`stop ${first?.id}`, `stop ${third?.id}`]);
  assert.deepEqual(fakes.data.audit.at(-1), {
    actor: 'ada@example.com',
    action: 'ps:stop',
    subject: 'hello run',
    operationId: null,
  });
});

test('a type of the formation is not stopped, nor one that there is not, nor what belongs to another', async () => {
  const fakes = await deployed();
  await ask(fakes, 'POST', PATH, { body: { command: 'bash' } });
  const stop = (type: string, token?: string) =>
    ask(fakes, 'POST', `/apps/hello/formations/${type}/actions/stop`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  const refused = await stop('web');
  assert.equal(refused.status, 409);
  assert.match(refused.body.message, /web is part of the formation/);
  assert.match(refused.body.hint, /ps:scale web=0/);
  assert.equal((await stop('cron')).status, 404);
  assert.equal((await stop('run', OTHER_TOKEN)).status, 404);
  assert.deepEqual(fakes.data.signals, []);
});
