import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addReadyServer, ask, createFakes, HOST_KEY, OTHER_TOKEN } from '../fake-dependencies.ts';

const SERVER_ID = '33333333-3333-4333-8333-333333333333';

test('a check is asked for, audited, and answers what was found', async () => {
  const fakes = createFakes();
  addReadyServer(fakes);
  const at = new Date(0);
  const drift = {
    kind: 'slug-orphan',
    subject: 'x',
    detail: 'nobody leases it',
    since: at,
    repair: 'waits',
    error: null,
  } as const;
  fakes.data.checks.push({
    serverId: SERVER_ID,
    serverName: 'one',
    roles: ['app'],
    state: 'checked',
    reason: null,
    busy: [],
    drifts: [drift],
    at,
  });
  const { status, body } = await ask(fakes, 'POST', '/server-checks', { body: { server: 'one', repair: true } });
  assert.equal(status, 200);
  assert.deepEqual(body[0].drifts, [{ ...drift, since: at.toISOString() }]);
  assert.deepEqual(fakes.data.checksAsked, [{ server: SERVER_ID, repair: true, actor: 'ada@example.com' }]);
  assert.equal(fakes.data.audit.at(-1)?.action, 'servers:check --repair');
  assert.deepEqual((await ask(fakes, 'GET', '/server-checks')).body, body);
});

test('a server that is unknown or not ready is not checked', async () => {
  const fakes = createFakes();
  addReadyServer(fakes);
  assert.equal((await ask(fakes, 'POST', '/server-checks', { body: { server: 'two' } })).status, 404);
  Object.assign(fakes.data.servers.get('one') ?? {}, { state: 'provisioning' });
  assert.equal((await ask(fakes, 'POST', '/server-checks', { body: { server: 'one' } })).status, 409);
  const { status, body } = await ask(fakes, 'POST', '/server-checks', { body: { repair: 'yes' } });
  assert.deepEqual([status, body.field], [422, 'repair']);
  assert.deepEqual(fakes.data.checksAsked, []);
});

test('servers are added, set up and checked by operators alone', async () => {
  const fakes = createFakes();
  addReadyServer(fakes);
  const headers = { authorization: `Bearer ${OTHER_TOKEN}` };
  const server = { name: 'two', host: '198.18.0.3', roles: ['app'], host_key: HOST_KEY };
  for (const [method, path, body] of [
    ['POST', '/servers', server],
    ['POST', '/servers/one/actions/provision', {}],
    ['POST', '/server-checks', {}],
    ['GET', '/server-checks', undefined],
  ] as const) {
    const answer = await ask(fakes, method, path, { headers, ...(body === undefined ? {} : { body }) });
    assert.deepEqual([answer.status, answer.body.id], [403, 'forbidden'], path);
    assert.match(answer.body.message, /Only an operator .* bob@example\.com is none/);
  }
  assert.deepEqual([[...fakes.data.servers.keys()], fakes.data.checksAsked], [['one'], []]);
  assert.deepEqual([fakes.data.audit, fakes.data.submitted], [[], []]);
  assert.equal((await ask(fakes, 'GET', '/servers', { headers })).status, 200);
});
