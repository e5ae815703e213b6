import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeInputs, parseRecipe } from './recipes.ts';

const recipe = parseRecipe(
  'batman/start-process',
  '#!/bin/bash\n# Starts.\n#\n# Inputs:\n#   INSTANCE  the id\n#             more of it\n#   GRACE?    seconds\n# Prints: {}\nset -e\n',
);

test('a recipe declares its inputs in its head', () => {
  assert.deepEqual(recipe.inputs, [
    { name: 'INSTANCE', required: true },
    { name: 'GRACE', required: false },
  ]);
});

test('an absent optional input is empty, so that set -u does not stop the recipe', () => {
  assert.deepEqual(completeInputs(recipe, { INSTANCE: 'a.web.1.v1.1' }), { INSTANCE: 'a.web.1.v1.1', GRACE: '' });
});

test('a missing input, an undeclared one and a NUL are refused before anything is sent', () => {
  assert.throws(() => completeInputs(recipe, {}), /needs INSTANCE/);
  assert.throws(() => completeInputs(recipe, { INSTANCE: 'x', PATH: '/tmp' }), /does not declare PATH/);
  assert.throws(() => completeInputs(recipe, { INSTANCE: 'x\0y' }), /NUL/);
});
