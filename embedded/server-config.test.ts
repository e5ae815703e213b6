import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerConfig } from './server-config.ts';

const CONFIG = containerConfig({
  hostName: 'one',
  serverRoot: '/cache/server',
  upperFolder: '/state/one/root/upper',
  dataFolder: '/state/one/data',
  bridge: { name: 'dcdtest', gateway: '198.18.7.1', prefixLength: 24 },
  address: '198.18.7.11',
  device: 'dcdv0123456789a',
  hasOnlyCgroup2: false,
});

test('a server is systemd over the shared root, its changes in a layer of its own', () => {
  assert.match(CONFIG, /^lxc\.rootfs\.path = overlay:\/cache\/server:\/state\/one\/root\/upper$/m);
  assert.match(CONFIG, /^lxc\.init\.cmd = \/sbin\/init$/m);
  assert.match(CONFIG, /^lxc\.mount\.entry = \/state\/one\/data srv\/dcdget none bind 0 0$/m);
});

test('a server has a fixed address on its bridge', () => {
  const network = CONFIG.split('\n').filter((line) => line.startsWith('lxc.net.'));
  assert.deepEqual(network, [
    'lxc.net.0.type = veth',
    'lxc.net.0.link = dcdtest',
    'lxc.net.0.veth.pair = dcdv0123456789a',
    'lxc.net.0.name = eth0',
    'lxc.net.0.hwaddr = 02:44:b5:2b:d9:15',
    'lxc.net.0.flags = up',
    'lxc.net.0.ipv4.address = 198.18.7.11/24',
    'lxc.net.0.ipv4.gateway = 198.18.7.1',
  ]);
});

test('containers inside a server may mount a proc and a sys of their own', () => {
  assert.match(CONFIG, /^lxc\.mount\.entry = proc dev\/\.lxc\/proc proc create=dir,optional 0 0$/m);
  assert.match(CONFIG, /^lxc\.mount\.entry = sys dev\/\.lxc\/sys sysfs create=dir,optional 0 0$/m);
});

test('a server can change neither the clock nor the kernel of the machine underneath', () => {
  assert.match(CONFIG, /^lxc\.cap\.drop = sys_time sys_module$/m);
});
