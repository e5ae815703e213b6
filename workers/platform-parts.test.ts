import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partAddresses, platformParts } from './platform-parts.ts';

const objects = { region: '', bucket: '', accessKeyId: '', secretAccessKey: '' };
const GIVEN = {
  temporal: { address: '127.0.0.1:7233', namespace: 'default' },
  store: { url: 'mongodb://dcdget:p%40ss@127.0.0.1:27017/?authSource=admin', database: 'dcdget' },
  objects: { ...objects, endpoint: 'http://localhost:7070', publicEndpoint: 'http://10.0.0.5:7070' },
  api: { listen: [{ host: '0.0.0.0', port: 8443 }], publicUrl: 'https://10.0.0.5' },
  streams: { listen: [{ host: '0.0.0.0', port: 6514 }], httpListen: [], httpUrl: 'https://10.0.0.5:8444' },
  rendezvous: { listen: [], publicAddress: null },
} as unknown as Parameters<typeof platformParts>[0];

test('what the control machine reaches at itself is named as servers reach it', () => {
  assert.deepEqual(platformParts(GIVEN, ['127.0.0.1', '10.0.0.5']), [
    '10.0.0.5:22',
    '10.0.0.5:27017',
    '10.0.0.5:443',
    '10.0.0.5:6514',
    '10.0.0.5:7070',
    '10.0.0.5:7233',
    '10.0.0.5:8443',
    '10.0.0.5:8444',
  ]);
});

test('parts on machines of their own are named as they are, every host of the store among them', () => {
  const parts = platformParts(
    {
      ...GIVEN,
      temporal: { address: 'temporal.internal:7233', namespace: 'default' },
      store: { url: 'mongodb://db1.internal,db2.internal:27018/dcdget?replicaSet=a', database: 'dcdget' },
    },
    [],
  );
  for (const part of ['temporal.internal:7233', 'db1.internal:27017', 'db2.internal:27018']) {
    assert.ok(parts.includes(part), `${part} of ${parts.join(' ')}`);
  }
  assert.ok(!parts.includes('10.0.0.5:7233'));
});

test('what only a name server knows, or IPv6 reaches, is left out', () => {
  const parts = platformParts(
    {
      ...GIVEN,
      temporal: { address: '[fd00::1]:7233', namespace: 'default' },
      store: { url: 'mongodb+srv://cluster.example.com/dcdget', database: 'dcdget' },
    },
    [],
  );
  assert.ok(!parts.some((part) => part.includes('7233') || part.includes('27017') || part.includes('cluster')));
});

test('every private address of the control machine is closed where it listens on all of them', () => {
  const given = {
    ...GIVEN,
    api: { listen: [{ host: '[::]', port: 8443 }], publicUrl: 'https://api.example.com' },
    streams: { ...GIVEN.streams, listen: [{ host: '::', port: 6514 }] },
    rendezvous: { listen: [{ host: '10.0.0.5', port: 7000 }], publicAddress: null },
  } as typeof GIVEN;
  const parts = platformParts(given, ['127.0.0.1', '10.0.0.5', '198.18.3.1', '203.0.113.7', '10.213.0.1']);
  for (const host of ['api.example.com', '10.0.0.5', '198.18.3.1']) {
    for (const port of [22, 6514, 7233, 8443, 27017]) assert.ok(parts.includes(`${host}:${port}`), `${host}:${port}`);
  }
  assert.deepEqual(
    parts.filter((part) => /^203|^10\.213|^127|:7000$/.test(part)),
    ['10.0.0.5:7000'],
    'nothing of others, nor of one address at another',
  );
});

test('a machine of very many addresses does not fill the packet rules of servers', () => {
  const many = Array.from({ length: 1000 }, (_, index) => `172.16.${index >> 8}.${index & 255}`);
  assert.equal(platformParts(GIVEN, many).filter((part) => /^172.*:22$/.test(part)).length, 64);
});

test('names are told by their addresses, and one without is told of', async () => {
  assert.deepEqual(await partAddresses(['10.0.0.5:22', 'localhost:27017']), ['10.0.0.5:22', '127.0.0.1:27017']);
  await assert.rejects(partAddresses(['nowhere.invalid:1']), /nowhere\.invalid, where a part of the platform is/);
});
