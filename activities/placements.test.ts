import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Server } from '../domain/servers.ts';
import { place, wishesOf } from './placements.ts';

function server(name: string, facts: Partial<Server> = {}): Server {
  const now = new Date(0);
  return {
    id: name,
    name,
    host: '198.18.0.2',
    port: 22,
    user: 'root',
    roles: ['app'],
    hostKey: 'ssh-ed25519 AAAA',
    state: 'ready',
    memoryMb: 2048,
    reservations: [],
    revision: 0,
    operationId: 'o',
    createdAt: now,
    updatedAt: now,
    ...facts,
  };
}

const wishes = (quantity: number) => wishesOf('hello', { web: { quantity, size: 'small' } }, 3, 7);
const names = (places: ReturnType<typeof place>) => places.map(({ server: { name }, slot }) => `${name}/${slot}`);

test('instances of a type are spread over the servers', () => {
  assert.deepEqual(names(place(wishes(4), [server('a'), server('b')])), ['a/0', 'b/0', 'a/1', 'b/1']);
});

test('a slot and memory that the old release holds are not given again', () => {
  const held = { instanceId: 'hello.web.1.v2.6', slot: 0, memoryMb: 512, appId: 'x' };
  assert.deepEqual(names(place(wishes(1), [server('a', { reservations: [held] })])), ['a/1']);
});

test('an instance that has its place keeps it when the step runs again', () => {
  const [wish] = wishes(1);
  const held = { instanceId: wish?.id ?? '', slot: 9, memoryMb: 512, appId: 'x' };
  assert.deepEqual(names(place(wishes(1), [server('a'), server('b', { reservations: [held] })])), ['b/9']);
});

test('without room for all of them nothing is placed, and the message names the one', () => {
  assert.throws(() => place(wishes(5), [server('a')]), { code: 'no_capacity', message: /web\.5/ });
});

test('servers that are not ready or do not run apps are not chosen', () => {
  const others = [server('a', { state: 'provisioning' }), server('b', { roles: ['router'] })];
  assert.throws(() => place(wishes(1), others), { code: 'no_server' });
});

test('an instance id says app, process, release and operation', () => {
  assert.equal(wishes(1)[0]?.id, 'hello.web.1.v3.7');
});
