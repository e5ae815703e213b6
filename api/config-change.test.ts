import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedConfig, descriptionOf } from './config-change.ts';

test('a change sets, replaces and takes away, and says which', () => {
  const change = changedConfig({ A: '1', B: '2', C: '3' }, { A: '1', B: '20', C: null, D: 'new', E: null });
  assert.deepEqual(change, { vars: { A: '1', B: '20', D: 'new' }, set: ['B', 'D'], removed: ['C'] });
});

test('an odd value is kept byte for byte', () => {
  const value = 'a\nb "c" $(id) `x` ünï 🎈';
  assert.equal(changedConfig({}, { A: value }).vars['A'], value);
});

test('a change is described in the words of Heroku', () => {
  assert.equal(descriptionOf({ set: ['A', 'B'], removed: [] }), 'Set A, B config vars');
  assert.equal(descriptionOf({ set: [], removed: ['C'] }), 'Remove C config vars');
  assert.equal(descriptionOf({ set: ['A'], removed: ['C'] }), 'Set A, remove C config vars');
});

test('a key that a shell cannot carry, a reserved one and a value with NUL are refused by name', () => {
  for (const [key, value] of [
    ['1A', 'x'],
    ['A-B', 'x'],
    ['A=B', 'x'],
    ['', 'x'],
    ['PORT', '1'],
    ['DCDGET_X', '1'],
    ['LD_PRELOAD', '/x.so'],
    ['A', 'a\0b'],
    ['A', 'x'.repeat(70_000)],
  ] as const) {
    assert.throws(() => changedConfig({}, { [key]: value }), { code: 'invalid_params', field: key });
  }
});
