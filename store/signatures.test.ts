import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createSignatures } from './signatures.ts';

const signatures = createSignatures(randomBytes(32));

test('a token is good for the thing it names and for nothing else', () => {
  const token = signatures.sign('recipe:aa', 1000);
  assert.equal(signatures.isValid(token, 'recipe:aa'), true);
  assert.equal(signatures.isValid(token, 'recipe:bb'), false);
});

test('a token ends with its time', () => {
  const token = signatures.sign('recipe:aa', 1000, 0);
  assert.equal(signatures.isValid(token, 'recipe:aa', 999), true);
  assert.equal(signatures.isValid(token, 'recipe:aa', 1001), false);
});

test('a token with a later end, a cut one and an empty one are refused', () => {
  const [, signature] = signatures.sign('recipe:aa', 1000).split('.');
  assert.equal(signatures.isValid(`${Date.now() + 9_000_000}.${signature}`, 'recipe:aa'), false);
  assert.equal(signatures.isValid('1', 'recipe:aa'), false);
  assert.equal(signatures.isValid('', 'recipe:aa'), false);
});
