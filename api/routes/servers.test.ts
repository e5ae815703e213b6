import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invalid } from '../../domain/errors.ts';
import { ask, createFakes, HOST_KEY, type Fakes } from '../fake-dependencies.ts';

const SERVER = { name: 'one', host: '198.18.0.2', roles: ['app', 'router'] };
const add = (fakes: Fakes, body: object) => ask(fakes, 'POST', '/servers', { body });

test('without a host key the one that the server shows is sent back to be confirmed, and nothing is stored', async () => {
  const fakes = createFakes();
  const { status, body } = await add(fakes, SERVER);
  assert.deepEqual([status, body.id, body.host_key], [409, 'host_key_unconfirmed', HOST_KEY]);
  assert.equal(body.fingerprint, 'SHA256:abc');
  assert.equal(fakes.data.servers.size, 0);
});

test('with a host key the server is stored and one operation starts', async () => {
  const fakes = createFakes();
  const { status, body, headers } = await add(fakes, { ...SERVER, host_key: HOST_KEY });
  assert.deepEqual([status, body.state, body.port, body.user], [202, 'provisioning', 22, 'root']);
  assert.match(body.host_key_fingerprint, /^SHA256:[A-Za-z0-9+/]{43}$/);
  assert.deepEqual(
    fakes.data.submitted.map(({ kind, appId, subject, operationId }) => [kind, appId, subject, operationId]),
    [['add-server', null, 'one', headers['dcdget-operation']]],
  );
});

test('a bad field is refused by its name before anything is asked or stored', async () => {
  const fakes = createFakes();
  for (const [field, wrong] of [
    ['name', { name: 'One' }],
    ['name', { name: 'a;id' }],
    ['host', { host: '-oProxyCommand=id' }],
    ['host', { host: 'a b' }],
    ['host', { host: '' }],
    ['user', { user: 'root;id' }],
    ['port', { port: 0 }],
    ['port', { port: '22' }],
    ['roles', { roles: [] }],
    ['roles.0', { roles: ['king'] }],
    ['roles', { roles: undefined }],
    ['host_key', { host_key: 'ssh-rsa' }],
    ['host_key', { host_key: HOST_KEY.replace('ssh-ed25519', 'ssh-rsa') }],
    ['host_key', { host_key: `${HOST_KEY}\nssh-rsa AAAA` }],
  ] as const) {
    const { status, body } = await add(fakes, { ...SERVER, host_key: HOST_KEY, ...wrong });
    assert.deepEqual([status, body.field], [422, field], JSON.stringify(wrong));
  }
  assert.equal(fakes.data.servers.size, 0);
});

test('a server that does not show a key is told as the wrong host', async () => {
  const fakes = createFakes();
  fakes.deps.temporal.scanHostKey = () => Promise.reject(invalid('host', 'did not answer'));
  assert.equal((await add(fakes, SERVER)).body.field, 'host');
  fakes.deps.temporal.scanHostKey = () => Promise.reject(new Error('deadline exceeded'));
  assert.deepEqual((await add(fakes, SERVER)).status, 503);
});

test('a name in use is refused; a server that failed, or was never begun, is added again under its id', async () => {
  const fakes = createFakes();
  const first = await add(fakes, { ...SERVER, host_key: HOST_KEY });
  assert.equal((await add(fakes, { ...SERVER, host_key: HOST_KEY })).body.field, 'name');
  const server = fakes.data.servers.get('one');
  Object.assign(server ?? {}, { state: 'failed' });
  const second = await add(fakes, { ...SERVER, host: '198.18.0.3', host_key: HOST_KEY });
  assert.deepEqual([second.status, second.body.id], [202, first.body.id]);
  assert.deepEqual([server?.host, server?.state], ['198.18.0.3', 'provisioning']);
  fakes.data.operations.clear();
  assert.equal((await add(fakes, { ...SERVER, host_key: HOST_KEY })).status, 202);
});
