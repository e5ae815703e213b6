import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rules } from './closed-ports.ts';

const NETWORK = { bridge: 'dcd0', gateway: '10.213.0.1', prefix: 16, firstAddress: '10.213.255.10' };

test('the ports of the platform are closed to every address that a build may have, and to no other', () => {
  const text = rules(NETWORK, 2, ['198.18.0.1 . 8443', '198.18.0.1 . 9000']);
  assert.match(text, /ip saddr 10\.213\.255\.10-10\.213\.255\.11 ip daddr \. tcp dport/);
  assert.match(text, /\{ 198\.18\.0\.1 \. 8443, 198\.18\.0\.1 \. 9000 \} reject/);
});

test('with nothing to close the table is taken away', () => {
  assert.equal(rules(NETWORK, 2, []), 'table ip dcdget_builds\ndelete table ip dcdget_builds\n');
});
