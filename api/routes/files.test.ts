import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assetKey } from '../../objects/keys.ts';
import { ask, createFakes, TOKEN } from '../fake-dependencies.ts';

const DIGEST = 'a'.repeat(64);

test('a recipe is given for a token that names it, and for no other', async () => {
  const { signatures, ...fakes } = createFakes();
  const get = (token: string, sha256 = DIGEST) =>
    ask({ signatures, ...fakes }, 'GET', `/recipes/${sha256}`, { headers: { authorization: `Bearer ${token}` } });
  const { status, body, headers } = await get(signatures.sign(`recipe:${DIGEST}`, 60_000));
  assert.deepEqual([status, body], [200, 'echo hello\n']);
  assert.match(String(headers['content-type']), /^text\/x-shellscript/);
  for (const token of [
    TOKEN,
    '',
    signatures.sign(`asset:${DIGEST}`, 60_000),
    signatures.sign(`recipe:${'b'.repeat(64)}`, 60_000),
    signatures.sign(`recipe:${DIGEST}`, -1),
  ]) {
    assert.equal((await get(token)).status, 401, token);
  }
  assert.equal((await get(signatures.sign(`recipe:${'b'.repeat(64)}`, 60_000), 'b'.repeat(64))).status, 404);
  assert.equal((await get(TOKEN, 'nope')).status, 404);
});

test('an asset is streamed with its length', async () => {
  const fakes = createFakes();
  fakes.data.objects.set(assetKey(DIGEST), Buffer.from('bytes'));
  const headers = { authorization: `Bearer ${fakes.signatures.sign(`asset:${DIGEST}`, 60_000)}` };
  const answer = await ask(fakes, 'GET', `/assets/${DIGEST}`, { headers });
  assert.deepEqual([answer.status, answer.body, String(answer.headers['content-length'])], [200, 'bytes', '5']);
});

test('the certificate of the private CA is given to anyone', async () => {
  const answer = await ask(createFakes(), 'GET', '/ca.pem', { headers: { authorization: '' } });
  assert.deepEqual([answer.status, answer.body], [200, 'CERTIFICATE']);
});
