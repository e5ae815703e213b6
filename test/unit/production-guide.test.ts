import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const GUIDE = readFileSync(join(ROOT, 'docs/production.md'), 'utf8');
const SETTINGS = readFileSync(join(ROOT, 'config/settings.ts'), 'utf8');

/** Every variable that config/settings.ts reads, whichever of its ways it takes. */
const READ = [...SETTINGS.matchAll(/env(?:\['|, ')([A-Z0-9_]+)'/g)].map(([, name = '']) => name);

suite('docs/production.md', () => {
  test('the settings are found by the pattern of this test', () => {
    assert.ok(READ.includes('MONGODB_URL') && READ.includes('WATCH_SECONDS') && READ.includes('TEMPORAL_ADDRESS'));
  });

  for (const name of new Set(READ)) {
    test(`tells what ${name} means`, () => {
      assert.ok(GUIDE.includes(`\`${name}\``), `${name} is read by config/settings.ts and not in docs/production.md`);
    });
  }
});
