import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseMirrors, hasDistantNameServer, inheritedSettings } from './debian.ts';

test('the mirrors are those of the Debian origin, not of other repositories', () => {
  const targets = [
    'Another|Another|http://other.example/apt/',
    'Debian|Debian-Security|http://mirror.example/security/',
    'Debian|Debian|http://mirror.example/debian/',
  ].join('\n');
  assert.deepEqual(chooseMirrors(targets), {
    mirror: 'http://mirror.example/debian/',
    securityMirror: 'http://mirror.example/security/',
  });
});

test('a machine that is not Debian leaves the choice of the mirror to debootstrap', () => {
  assert.deepEqual(chooseMirrors('Ubuntu|Ubuntu|http://mirror.example/ubuntu/'), { mirror: '', securityMirror: '' });
});

test('an image inherits proxies and checks, and nothing else, from apt', () => {
  const dump = [
    'Acquire "";',
    'Acquire::Check-Date "false";',
    'Acquire::http::Proxy "http://proxy.example:3128";',
    'Acquire::http "";',
    'Acquire::Languages "none";',
    'DPkg::Post-Invoke:: "rm -f /x";',
  ].join('\n');
  assert.equal(
    inheritedSettings(dump),
    'Acquire::Check-Date "false";\nAcquire::http::Proxy "http://proxy.example:3128";',
  );
});

test('a resolver on the machine itself cannot be asked by a server', () => {
  assert.equal(hasDistantNameServer('nameserver 127.0.0.53\noptions edns0'), false);
  assert.equal(hasDistantNameServer('nameserver 127.0.0.53\nnameserver 192.0.2.1'), true);
});
