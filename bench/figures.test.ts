import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percentile, table } from './figures.ts';

test('a percentile is a number that was measured', () => {
  assert.equal(percentile([5, 1, 3], 0.5), 3);
  assert.equal(percentile([1, 2, 3, 4], 0.95), 4);
  assert.ok(Number.isNaN(percentile([], 0.5)));
});

test('a table lines its columns up', () => {
  assert.equal(
    table([
      ['step', 'p50'],
      ['whole deploy', '1'],
    ]),
    'step          p50\nwhole deploy    1',
  );
});
