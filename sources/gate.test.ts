import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGate } from './gate.ts';

/** Names and what they lead to. */
const NAMES: Record<string, string[]> = {
  'public.test': ['8.8.8.8', '2606:4700::1'],
  'inside.test': ['10.1.2.3'],
  'both.test': ['8.8.8.8', '127.0.0.1'],
  'mapped.test': ['::ffff:10.0.0.1'],
  'platform.test': ['9.9.9.9'],
};

async function resolve(name: string): Promise<string[]> {
  const found = NAMES[name];
  if (found !== undefined) return found;
  throw Object.assign(new Error('not there'), { code: name === 'away.test' ? 'EAI_AGAIN' : 'ENOTFOUND' });
}

const gate = (...allowed: string[]) => createGate(allowed, async () => ['platform.test', '9.9.9.8'], resolve);
const addresses = (url: string, ...allowed: string[]) => gate(...allowed).addressesOf(new URL(url));

test('public addresses are open', async () => {
  assert.deepEqual(await addresses('https://public.test/a'), NAMES['public.test']);
  assert.deepEqual(await addresses('https://1.1.1.1:8443/a'), ['1.1.1.1']);
  assert.deepEqual(await addresses('https://[2606:4700::1]/a'), ['2606:4700::1']);
});

const CLOSED = [
  '127.0.0.1',
  '127.1',
  '0x7f.1',
  '2130706433',
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[fe80::1]',
  '[fd00::1]',
  '[64:ff9b::a00:1]',
  '[2002:7f00:1::]',
  '[2001:db8::1]',
];
for (const host of CLOSED) {
  test(`${host} is closed, before anything is fetched and then`, async () => {
    assert.throws(() => gate().assertOpen(`https://${host}/a`, 'git.url'), {
      code: 'invalid_params',
      field: 'git.url',
    });
    await assert.rejects(addresses(`https://${host}/a`), { code: 'source_invalid', message: /not a public address/ });
  });
}

test('a name is as closed as the worst of its addresses', async () => {
  for (const name of ['inside.test', 'both.test', 'mapped.test']) {
    gate().assertOpen(`https://${name}/a`, 'git.url');
    await assert.rejects(addresses(`https://${name}/a`), { code: 'source_invalid', message: /not a public address/ });
  }
});

test('what the platform itself answers is closed, under any name', async () => {
  NAMES['alias.test'] = ['9.9.9.9'];
  for (const host of ['platform.test', 'alias.test', '9.9.9.8']) {
    await assert.rejects(addresses(`https://${host}/a`), { code: 'source_invalid', message: /dcdget itself/ });
  }
});

test('an operator opens names, addresses and networks, for a port or for any', async () => {
  assert.deepEqual(await addresses('https://inside.test/a', 'inside.test'), ['10.1.2.3']);
  assert.deepEqual(await addresses('https://inside.test/a', '10.1.0.0/16'), ['10.1.2.3']);
  assert.deepEqual(await addresses('https://inside.test:8443/a', '10.1.2.3:8443'), ['10.1.2.3']);
  assert.deepEqual(await addresses('https://[fd00::5]:99/a', '[fd00::]/8:99'), ['fd00::5']);
  gate('10.0.0.0/8').assertOpen('https://10.1.2.3/a', 'git.url');
  for (const other of ['inside.test:8443', '10.1.2.4', '10.2.0.0/16', 'public.test']) {
    await assert.rejects(addresses('https://inside.test/a', other), { code: 'source_invalid' });
  }
});

test('a name that leads nowhere is final, a name server that is away is not', async () => {
  await assert.rejects(addresses('https://nowhere.test/a'), {
    code: 'source_invalid',
    message: /no host nowhere\.test/,
  });
  await assert.rejects(addresses('https://away.test/a'), { code: 'unavailable' });
});

test('a list that says something else is refused, naming it', () => {
  for (const entry of ['https://x', 'a b/', '10.0.0.0/33', 'name/8', 'x:0x', '[zz]', '10.0.0.1:70000']) {
    assert.throws(() => gate(entry), { code: 'invalid_params', field: 'SOURCE_ALLOWED_HOSTS' }, entry);
  }
});
