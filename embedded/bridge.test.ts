import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRouteOverBridge, ensureBridge, masqueradeRules, subnetOf } from './bridge.ts';
import { deviceName, hardwareAddress } from './network-device.ts';

const BRIDGE = { name: 'dcdtest', gateway: '198.18.7.1', prefixLength: 24 } as const;

test('only what leaves the machine is masqueraded', () => {
  assert.match(masqueradeRules(BRIDGE), /ip saddr 198\.18\.7\.0\/24 oifname != "dcdtest" masquerade/);
});

test('loading the rules again replaces them', () => {
  assert.match(masqueradeRules(BRIDGE), /^table ip dcdget-dcdtest\ndelete table ip dcdget-dcdtest\n/);
});

test('the network is that of the gateway', () => assert.equal(subnetOf(BRIDGE), '198.18.7.0/24'));

test('a bridge outside of the test networks is refused', async () => {
  await assert.rejects(ensureBridge({ ...BRIDGE, gateway: '192.0.2.1' }), { code: 'bad_request' });
});

test('a device that is not named as ours is not touched', async () => {
  await assert.rejects(ensureBridge({ ...BRIDGE, name: 'eth0' }), { code: 'bad_request' });
});

test('no load goes to an address outside of the test networks', async () => {
  await assert.rejects(assertRouteOverBridge('192.0.2.7', BRIDGE), { code: 'forbidden' });
});

test('no load goes to an address that is not on the bridge', async () => {
  await assert.rejects(assertRouteOverBridge('198.19.255.7', { name: 'dcdmissing' }));
});

test('device names fit into 15 characters and depend on the whole name', () => {
  assert.equal(deviceName('dcdv', 'a-run-with-a-long-name-one').length, 15);
  assert.notEqual(deviceName('dcdv', 'run-one'), deviceName('dcdv', 'run-two'));
});

test('hardware addresses are locally administered and lasting', () => {
  assert.match(hardwareAddress('x'), /^02(:[0-9a-f]{2}){5}$/);
  assert.equal(hardwareAddress('x'), hardwareAddress('x'));
});
