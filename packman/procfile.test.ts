import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DcdgetError } from '../domain/errors.ts';
import { parseProcfile } from './procfile.ts';

test('a Procfile is process types and their commands, whatever its line ends, comments and blank lines', () => {
  const text =
    '\uFEFF# how to run\r\nweb: node server.js --url=http://a:1\r\n\nworker:  node worker.js  \nrelease: ./migrate';
  assert.deepEqual(parseProcfile(text), {
    web: 'node server.js --url=http://a:1',
    worker: 'node worker.js',
    release: './migrate',
  });
});

test('an empty Procfile declares nothing', () => {
  assert.deepEqual(parseProcfile('\n# later\n'), {});
});

for (const [title, text, sentence] of [
  ['a line without a colon', 'web: x\nworker node x', /^Line 2 of the Procfile is not of the form/],
  ['an indented line', '  web: x', /^Line 1 /],
  ['a process type that could be a path', '../web: x', /^Line 1 .* process type/],
  ['a process type in capitals', 'Web: x', /^Line 1 .* process type/],
  ['a process type without a command', 'web:   ', /gives web no command/],
  ['a process type declared twice', 'web: a\nweb: b', /^Line 2 of the Procfile declares web a second time/],
  ['a terminal escape in a command', 'web: echo \x1b[2J', /control character/],
  ['a NUL in a command', 'web: a\0b', /control character/],
  ['an endless command', `web: ${'x'.repeat(5000)}`, /longer than 4096/],
  ['too many process types', Array.from({ length: 51 }, (_, n) => `p${n}: x`).join('\n'), /more than 50/],
] as const) {
  test(`a Procfile with ${title} fails the build and says where`, () => {
    assert.throws(
      () => parseProcfile(text),
      (error) => error instanceof DcdgetError && error.code === 'build_failed' && sentence.test(error.message),
    );
  });
}
