import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findGrowth } from './growth.ts';

const grown = (...given: Parameters<typeof findGrowth>) =>
  findGrowth(...given)
    .filter(({ isTooMuch }) => isTooMuch)
    .map(({ name }) => name);

test('one more mount is growth, a little memory is not', () => {
  assert.deepEqual(grown({ mounts: 4, 'worker MiB': 200 }, { mounts: 5, 'worker MiB': 230 }), ['mounts']);
  assert.deepEqual(grown({ 'worker MiB': 200 }, { 'worker MiB': 300 }), ['worker MiB']);
});

test('what was not there before is growth, what went is none', () => {
  assert.deepEqual(grown({ 'dcdget veth': 1 }, { 'dcdget port': 1 }), ['dcdget port']);
});
