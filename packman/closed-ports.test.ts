import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { isInside, parseReachable, rules, urlsIn } from './closed-ports.ts';

const NETWORK = { bridge: 'dcd0', gateway: '10.213.0.1', prefix: 16, firstAddress: '10.213.255.10' };
const NONE = { closed: [], ports: [], networks: [], resolvers: [] };

test('of what is inside the network builds reach what is allowed, and the platform never', () => {
  const text = rules(NETWORK, {
    closed: ['198.18.0.1 . 8443', '198.18.0.1 . 9000'],
    ports: ['10.9.0.1 . 443'],
    networks: ['10.8.0.0/16'],
    resolvers: ['10.7.0.1'],
  });
  assert.match(text, /iifname "dcd0" ip saddr 10\.213\.255\.0\/24 jump build/);
  const order = [
    '198.18.0.1 . 9000 } reject',
    '10.7.0.1 } meta',
    '10.9.0.1 . 443 } accept',
    '10.8.0.0/16 accept',
    '192.168.0.0/16',
  ];
  const places = order.map((words) => text.indexOf(words));
  assert.ok(!places.includes(-1), text);
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
    'the platform is closed before anything is opened',
  );
});

test('nft takes the rules, also when nothing is allowed', () => {
  const full = {
    closed: ['198.18.0.1 . 8443'],
    ports: ['10.9.0.1 . 443'],
    networks: ['10.8.0.0/16'],
    resolvers: ['10.7.0.1'],
  };
  for (const doors of [NONE, full]) {
    execFileSync('unshare', ['--net', 'nft', '--check', '-f', '-'], { input: rules(NETWORK, doors) });
  }
});

test('only what neighbours alone reach is inside: a public address may be that of a registry', () => {
  const inside = ['10.1.2.3', '172.31.0.1', '192.168.1.1', '198.19.0.1', '100.100.0.1', '169.254.169.254'];
  assert.deepEqual(
    inside.map(isInside),
    inside.map(() => true),
  );
  assert.deepEqual(['203.0.113.1', '172.32.0.1', '8.8.8.8'].map(isInside), [false, false, false]);
});

test('the addresses of registries and proxies are found in what the operator wrote', () => {
  const settings = `npm_config_registry=https://mirror.internal:4873/npm/
GOPROXY=http://10.0.0.1/go,https://proxy.example,direct
GOSUMDB=sum.example https://10.0.0.2/sum
http_proxy=http://user@proxy.internal:3128
`;
  const hosts = urlsIn(settings).map(({ host }) => host);
  assert.deepEqual(hosts, ['mirror.internal:4873', '10.0.0.1', 'proxy.example', '10.0.0.2', 'proxy.internal:3128']);
});

test('the operator names networks, addresses and hosts with a port, and is told of a wrong line', () => {
  const { networks, doors } = parseReachable(
    '# ours\n10.1.0.0/16\n192.168.7.7  # one\n\nmirror.internal:443\n10.0.0.9:8080\n',
  );
  assert.deepEqual(networks, ['10.1.0.0/16', '192.168.7.7/32']);
  assert.deepEqual(
    doors.map(({ hostname, port }) => [hostname, port]),
    [
      ['mirror.internal', '443'],
      ['10.0.0.9', '8080'],
    ],
  );
  for (const wrong of ['10.0.0.0/33', '10.0.0.300', 'mirror.internal', 'a;b:1', 'http://x:1', '::1']) {
    assert.throws(
      () => parseReachable(`10.0.0.1\n${wrong}\n`),
      { code: 'build_server_failed', message: /Line 2/ },
      wrong,
    );
  }
});
