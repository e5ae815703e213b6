import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCompileRequest } from './compile-request.ts';

const REQUEST = {
  operationId: 'a5b1f0d2-0000-4000-8000-000000000000',
  source: { url: 'https://s3.example/source?signature', sha256: 'a'.repeat(64) },
  stack: 'batman',
  imageVersion: 'bookworm-0123456789ab',
  slug: { putUrl: 'https://s3.example/slug?signature' },
};

test('a compile request needs no more than source, image and a place for the slug', () => {
  assert.deepEqual(parseCompileRequest(JSON.stringify(REQUEST)), REQUEST);
});

for (const [field, change] of [
  ['imageVersion', { imageVersion: '../../etc' }],
  ['stack', { stack: 'other' }],
  ['source.url', { source: { ...REQUEST.source, url: 'file:///etc/passwd' } }],
  ['source.sha256', { source: { ...REQUEST.source, sha256: 'x' } }],
  ['buildpacks.0', { buildpacks: ['../evil'] }],
  ['buildpacks.1', { buildpacks: ['heroku/nodejs', 'https://x.example/a own b'] }],
  ['buildpacks', { buildpacks: Array.from({ length: 11 }, () => 'nodejs') }],
  ['builtWith', { builtWith: '-\nSTACK=x' }],
  ['sourceVersion', { sourceVersion: 'a\nBUILDPACK=b' }],
  ['../x', { environment: { '../x': 'y' } }],
  ['LD_PRELOAD', { environment: { LD_PRELOAD: '/app/x.so' } }],
  ['A', { environment: { A: 'NUL\0' } }],
] as const) {
  test(`a compile request whose ${field} is ${JSON.stringify(Object.values(change)[0])} is refused by that field's name`, () => {
    assert.throws(() => parseCompileRequest(JSON.stringify({ ...REQUEST, ...change })), {
      code: 'invalid_params',
      field,
    });
  });
}

test('a body that is not JSON is a bad request', () => {
  assert.throws(() => parseCompileRequest('{'), { code: 'bad_request' });
});
