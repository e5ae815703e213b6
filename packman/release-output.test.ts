import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReleaseOutput } from './release-output.ts';

test("a buildpack's bin/release gives default process types and config vars", () => {
  const text = `---
addons: []
config_vars:
  NODE_ENV: production
  QUOTED: 'it''s "so"'
  DOUBLE: "a\\nb"
default_process_types:
  web: npm start # the usual
  'worker': node worker.js
`;
  assert.deepEqual(parseReleaseOutput(text), {
    processTypes: { web: 'npm start', worker: 'node worker.js' },
    configDefaults: { NODE_ENV: 'production', QUOTED: 'it\'s "so"', DOUBLE: 'a\nb' },
  });
});

test('a buildpack whose bin/release prints nothing declares nothing', () => {
  assert.deepEqual(parseReleaseOutput(''), { processTypes: {}, configDefaults: {} });
});

for (const [title, text] of [
  ['a list instead of types', 'default_process_types:\n  - web'],
  ['a nested map', 'default_process_types:\n  web: {command: x}'],
  ['an unclosed quote', 'config_vars:\n  A: "b'],
  ['a tab within quotes', 'config_vars:\n  A: "b\tc"'],
  ['more than fits', `config_vars:\n  A: ${'b'.repeat(40_000)}`],
  ['a process type that could be a path', 'default_process_types:\n  -x: y'],
] as const) {
  test(`bin/release printing ${title} fails the build`, () => {
    assert.throws(() => parseReleaseOutput(text), { code: 'build_failed' });
  });
}
