import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildpackName, isPinned, parseBuildpack } from './buildpacks.ts';

const COMMIT = 'a'.repeat(40);

for (const [text, name, kind, pinned] of [
  ['nodejs', 'heroku/nodejs', 'own', true],
  ['heroku/nodejs', 'heroku/nodejs', 'own', true],
  ['urn:buildpack:heroku/nodejs', 'heroku/nodejs', 'own', true],
  ['https://git.example/a/b', 'https://git.example/a/b', 'git', false],
  ['https://git.example:8443/a/b.git#v1.2', 'https://git.example:8443/a/b.git#v1.2', 'git', false],
  [`https://git.example/a/b#${COMMIT}`, `https://git.example/a/b#${COMMIT}`, 'git', true],
  ['https://git.example/a/b#feature/x', 'https://git.example/a/b#feature/x', 'git', false],
  ['https://files.example/x/b.tgz', 'https://files.example/x/b.tgz', 'archive', false],
  ['https://files.example/x/b.tar.gz', 'https://files.example/x/b.tar.gz', 'archive', false],
] as const) {
  test(`${text} is the ${kind} buildpack ${name}`, () => {
    const buildpack = parseBuildpack(text);
    assert.deepEqual([buildpack.kind, buildpackName(buildpack), isPinned(buildpack)], [kind, name, pinned]);
  });
}

for (const text of [
  '',
  '../nodejs',
  'other/nodejs',
  'http://git.example/a',
  'git@git.example:a/b.git',
  'ssh://git.example/a',
  'file:///etc/passwd',
  'ext::sh -c id',
  'https://user:token@git.example/a',
  'https://git.example/a?signature=secret',
  'https://git.example/a b',
  'https://git.example/a\nown nodejs',
  'https://git.example/../a',
  'https://git.example/a#--upload-pack=id',
  'https://git.example/a#x..y',
  'https://git.example/a#a b',
  'https://git.example/a#$(id)',
  'https://git.example',
  'https://-git.example/a',
  'https://files.example/b.tgz#v1',
  `https://git.example/${'a'.repeat(600)}`,
]) {
  test(`${JSON.stringify(text).slice(0, 60)} is no buildpack`, () => {
    assert.throws(() => parseBuildpack(text, 'updates.0.buildpack'), {
      code: 'invalid_params',
      field: 'updates.0.buildpack',
    });
  });
}
