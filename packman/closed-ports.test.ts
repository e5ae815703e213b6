import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInside, rules } from './closed-ports.ts';

const NETWORK = { bridge: 'dcd0', gateway: '10.213.0.1', prefix: 16, firstAddress: '10.213.255.10' };

test('the ports of the platform are closed to every address that a build may have, and to no other', () => {
  const text = rules(NETWORK, 2, ['198.18.0.1 . 8443', '198.18.0.1 . 9000']);
  assert.match(text, /ip saddr 10\.213\.255\.10-10\.213\.255\.11 ip daddr \. tcp dport/);
  assert.match(text, /\{ 198\.18\.0\.1 \. 8443, 198\.18\.0\.1 \. 9000 \} reject/);
});

test('only what neighbours alone reach is closed: a public address may be that of a registry, too', () => {
  const inside = ['10.1.2.3', '172.31.0.1', '192.168.1.1', '198.19.0.1', '100.100.0.1'];
  assert.deepEqual(inside.map(isInside), [true, true, true, true, true]);
  assert.deepEqual(['203.0.113.1', '172.32.0.1', '8.8.8.8'].map(isInside), [false, false, false]);
});

test('with nothing to close the table is taken away', () => {
  assert.equal(rules(NETWORK, 2, []), 'table ip dcdget_builds\ndelete table ip dcdget_builds\n');
});
