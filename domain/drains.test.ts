import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drainTarget } from './drains.ts';

test('a drain leads to an https URL, or to a host and port of syslog over TLS', () => {
  assert.equal(drainTarget('https://u:p@logs.example.com/in?k=v').url.href, 'https://u:p@logs.example.com/in?k=v');
  assert.equal(drainTarget('syslog+tls://logs.example.com:7000').url.host, 'logs.example.com:7000');
  assert.equal(drainTarget('syslog+tls://LOGS.example.com').url.host, 'logs.example.com:6514');
  assert.equal(drainTarget('syslog+tls://logs.example.com:443').url.port, '');
});

test('an address is read as it will be connected to, however it is written', () => {
  assert.equal(drainTarget('syslog+tls://0x7f.1:6514').url.hostname, '127.0.0.1');
});

for (const url of [
  '',
  'http://logs.example.com',
  'syslog://logs.example.com:514',
  'https://',
  'file:///etc/passwd',
  'syslog+tls://host:514/path',
  'syslog+tls://user@host:514',
  'syslog+tls://host:99999',
]) {
  test(`${JSON.stringify(url)} is no drain`, () => {
    assert.throws(() => drainTarget(url), { code: 'invalid_params', field: 'url' });
  });
}
