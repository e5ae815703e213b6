import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { App } from '../domain/apps.ts';
import type { Instance } from '../domain/instances.ts';
import type { Server } from '../domain/servers.ts';
import { compare, type Recorded } from './drift.ts';

const ID = 'hello.web.1.v1.3';
const APP_ID = '11111111-1111-4111-8111-111111111111';
const DIGEST = 'd'.repeat(64);
const APP = { id: APP_ID, name: 'hello', currentVersion: 1, mode: 'serving' } as App;
const SERVER = {
  id: 's',
  name: 'one',
  host: '198.18.0.2',
  roles: ['app', 'router'],
  reservations: [],
} as unknown as Server;
const INSTANCE = {
  id: ID,
  appId: APP_ID,
  appName: 'hello',
  type: 'web',
  number: 1,
  sequence: 3,
  serverId: 's',
  slot: 0,
  state: 'up',
} as Instance;

const ROUTE = {
  app: 'hello',
  appId: APP_ID,
  sequence: 3,
  step: 12,
  version: 1,
  hosts: ['hello.example.com'],
  state: 'serving',
  instances: [{ id: ID, process: 'web.1', host: '198.18.0.2', port: 20_000 }],
};
const LISTING = [
  `apps hello`,
  `boot dcdget@${ID}.service`,
  `container ${ID} running`,
  `host hello.example.com -> ../apps/hello.json`,
  `instances ${ID}`,
  `lease ${DIGEST}/hello.3`,
  `link hello/web.1 -> ../../instances/${ID}`,
  `listen 80`,
  `port 20000 : 10.213.0.3 . 5000`,
  `route hello.json`,
  `slugs ${DIGEST}`,
  `unit dcdget@${ID}.service active`,
  `veth dcd20000`,
  `routing hello.json ${JSON.stringify(ROUTE)}`,
];

function recorded(changes: Partial<Recorded> = {}): Recorded {
  return {
    apps: [APP],
    instances: [INSTANCE],
    servers: [SERVER],
    busy: new Set(),
    sequences: new Map([[APP_ID, 3]]),
    appsDomain: 'example.com',
    ...changes,
  };
}

function drifts(listing: readonly string[], changes: Partial<Recorded> = {}): string[] {
  return compare(SERVER, listing, recorded(changes)).map(({ kind, subject }) => `${kind} ${subject}`);
}

const without = (...beginnings: string[]) =>
  LISTING.filter((line) => !beginnings.some((beginning) => line.startsWith(beginning)));

test('a server that holds what the record names differs in nothing', () => {
  assert.deepEqual(drifts(LISTING), []);
});

test('what is missing of an instance is named by what brings it back', () => {
  assert.deepEqual(drifts(without('unit')), [`unit-stopped ${ID}`]);
  assert.deepEqual(drifts(without('boot')), [`unit-stopped ${ID}`]);
  assert.deepEqual(drifts(without('port')), [`port-missing ${ID}`]);
  assert.deepEqual(drifts(without('unit', 'boot', 'instances', 'port')), [`instance-missing ${ID}`]);
});

test('a crashed instance has its port closed for good reason, and its unit is starting it again', () => {
  const restarting = [...without('unit', 'port'), `closed ${ID}`, `unit dcdget@${ID}.service activating`];
  assert.deepEqual(drifts(restarting), []);
});

test('a route that is gone, leads elsewhere or belongs to no app is told', () => {
  assert.deepEqual(drifts(without('routing')), ['route-missing hello']);
  assert.deepEqual(drifts(without('host')), ['route-missing hello']);
  const other = JSON.stringify({ ...ROUTE, instances: [] });
  assert.deepEqual(drifts([...without('routing'), `routing hello.json ${other}`]), ['route-wrong hello']);
  assert.deepEqual(drifts([...without('routing'), 'routing hello.json {half']), ['route-wrong hello']);
  const stranger = `routing ghost.json ${JSON.stringify({ ...ROUTE, appId: 'gone' })}`;
  assert.deepEqual(drifts([...LISTING, stranger]), ['route-orphan ghost gone']);
  assert.deepEqual(drifts(without('routing'), { apps: [{ ...APP, currentVersion: null }] }), []);
});

test('what no record names is an orphan, what dcdget cannot have made is unknown', () => {
  const found = drifts([
    ...LISTING,
    'instances ghost.web.1.v1.1',
    'unit dcdget@ghost.web.2.v1.1.service active',
    'instances $(id)',
    'apps ghost',
    'lease ' + 'e'.repeat(64) + '/ghost.4',
    `slugs ${'f'.repeat(64)}`,
    'slugs .new-' + 'f'.repeat(64),
    `lease ${DIGEST}/hello.2`,
    'port 20007 : 10.213.0.10 . 5000',
    'mount /srv/dcdget/instances/x',
    'mount /srv/dcdget/packman/builds/x',
  ]);
  assert.deepEqual(found.toSorted(), [
    'app-orphan ghost',
    'instance-orphan ghost.web.1.v1.1',
    'instance-orphan ghost.web.2.v1.1',
    `lease-orphan ${DIGEST}/hello.2`,
    'port-orphan 20007 : 10.213.0.10 . 5000',
    `slug-orphan ${'f'.repeat(64)}`,
    'unknown $(id)',
    'unknown /srv/dcdget/instances/x',
  ]);
});

test('an app that an operation works on, and an instance that retires, are left alone', () => {
  const half = ['instances hello.web.1.v2.4', `lease ${DIGEST}/hello.4`, `lease ${DIGEST}/hello.2`];
  assert.deepEqual(drifts([...without('unit', 'routing', 'port'), ...half], { busy: new Set([APP_ID]) }), []);
  const retiring = { ...INSTANCE, id: 'hello.web.1.v1.2', state: 'retiring', slot: 1, sequence: 2 } as Instance;
  const instances = [INSTANCE, retiring];
  assert.deepEqual(drifts(LISTING, { instances }), []);
  const there = [...LISTING, `instances ${retiring.id}`, 'port 20001 : 10.213.0.4 . 5000', `lease ${DIGEST}/hello.2`];
  assert.deepEqual(drifts(there, { instances }), []);
});

test('one-off sessions are known and never missed', () => {
  const session = {
    ...INSTANCE,
    id: 'hello.run.1234.v1.9',
    type: 'run',
    number: 1234,
    slot: 5,
    sequence: 9,
  } as Instance;
  assert.deepEqual(drifts(LISTING, { instances: [INSTANCE, session] }), []);
  const there = [...LISTING, `instances ${session.id}`, `unit dcdget-once@${session.id}.service active`];
  assert.deepEqual(drifts(there, { instances: [INSTANCE, session] }), []);
});

test('the certificate of a server that compiles nothing does not matter', () => {
  const kinds = (roles: Server['roles']) =>
    compare({ ...SERVER, roles }, [...LISTING, 'certificate packman'], recorded()).map(({ kind }) => kind);
  assert.deepEqual(kinds(['app', 'router']), []);
  assert.deepEqual(kinds(['app', 'router', 'build']), ['certificate-ending']);
});
