import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findGrowth, type Looks } from './growth.ts';

const grown = (looks: Looks) =>
  findGrowth(looks)
    .filter(({ isTooMuch }) => isTooMuch)
    .map(({ name }) => name);

test('one more mount is growth, whenever it came', () => {
  assert.deepEqual(grown({ before: { mounts: 4 }, middle: { mounts: 5 }, after: { mounts: 5 } }), ['mounts']);
});

test('memory may take its size in the first half', () => {
  const mib = (size: number) => ({ 'worker MiB': size });
  assert.deepEqual(grown({ before: mib(200), middle: mib(400), after: mib(420) }), []);
  assert.deepEqual(grown({ before: mib(200), middle: mib(300), after: mib(400) }), ['worker MiB']);
});

test('what was not there before is growth, what went is none', () => {
  const [before, after] = [{ 'dcdget veth': 1 }, { 'dcdget port': 1 }];
  assert.deepEqual(grown({ before, middle: before, after }), ['dcdget port']);
});
