import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createSecrets } from './secrets.ts';

const secrets = createSecrets(randomBytes(32));

test('a sealed value opens to what it was, whatever its characters', () => {
  const value = 'line one\nline two "$(id)" \u{1F512}';
  assert.equal(secrets.open(secrets.seal(value, 'app/1'), 'app/1'), value);
});

test('a sealed value does not open in another place', () => {
  assert.throws(() => secrets.open(secrets.seal('s3cret', 'app/1'), 'app/2'), /cannot be opened/);
});

test('a sealed value with one changed byte does not open', () => {
  const bytes = Buffer.from(secrets.seal('s3cret', 'app/1'), 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  assert.throws(() => secrets.open(bytes.toString('base64'), 'app/1'), /cannot be opened/);
});

test('sealing twice gives two texts', () => {
  assert.notEqual(secrets.seal('same', 'a'), secrets.seal('same', 'a'));
});
