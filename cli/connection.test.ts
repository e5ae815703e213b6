import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { forgetLogin, readConnection, storeLogin } from './connection.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n';

function home(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-home-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('the environment alone is enough', (t) => {
  const XDG_CONFIG_HOME = home(t);
  const DCDGET_CA = join(XDG_CONFIG_HOME, 'ca.pem');
  writeFileSync(DCDGET_CA, PEM);
  const connection = readConnection({
    XDG_CONFIG_HOME,
    DCDGET_CA,
    DCDGET_URL: 'https://paas.example.com:8443',
    DCDGET_TOKEN: 'token',
  });
  deepStrictEqual(connection, { url: new URL('https://paas.example.com:8443'), token: 'token', ca: PEM });
});

test('a stored login is used, for this user only, until it is forgotten', (t) => {
  const env = { XDG_CONFIG_HOME: home(t) };
  const connection = { url: new URL('https://paas.example.com'), token: 'token', ca: PEM };
  const file = storeLogin(env, connection);
  strictEqual(statSync(file).mode & 0o777, 0o600);
  deepStrictEqual(readConnection(env), connection);
  forgetLogin(env);
  throws(() => readConnection(env), /DCDGET_URL is not set/);
});

test('a stored token and CA never go to another URL than the one they were stored for', (t) => {
  const env = { XDG_CONFIG_HOME: home(t) };
  storeLogin(env, { url: new URL('https://paas.example.com'), token: 'token', ca: PEM });
  throws(() => readConnection({ ...env, DCDGET_URL: 'https://other.example.com' }), /DCDGET_TOKEN is not set/);
  const elsewhere = { ...env, DCDGET_URL: 'https://other.example.com', DCDGET_TOKEN: 'other' };
  strictEqual(readConnection(elsewhere).ca, undefined);
});

test('a URL that is none and a CA file that holds no certificate are refused by name', (t) => {
  const XDG_CONFIG_HOME = home(t);
  const env = { XDG_CONFIG_HOME, DCDGET_TOKEN: 'token', DCDGET_URL: 'https://paas.example.com' };
  throws(() => readConnection({ ...env, DCDGET_URL: 'paas.example.com' }), /"paas\.example\.com" is not the URL/);
  throws(() => readConnection({ ...env, DCDGET_URL: 'file:///etc' }), /is not the URL/);
  throws(() => readConnection({ ...env, DCDGET_CA: join(XDG_CONFIG_HOME, 'absent') }), /cannot be read/);
  const text = join(XDG_CONFIG_HOME, 'text');
  writeFileSync(text, 'no certificate');
  throws(() => readConnection({ ...env, DCDGET_CA: text }), /holds no certificate/);
});
