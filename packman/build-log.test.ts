import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { BuildLog, clean } from './build-log.ts';

function logOf(maxCharacters = 1000): { log: BuildLog; lines: string[] } {
  const lines: string[] = [];
  return { log: new BuildLog((line) => lines.push(line), maxCharacters), lines };
}

test("the log has Heroku's look", () => {
  const { log, lines } = logOf();
  log.step('Node.js app detected');
  log.note('npm ci');
  log.failure('It failed.');
  assert.deepEqual(lines, ['-----> Node.js app detected\n', '       npm ci\n', ' !     It failed.\n']);
});

test('output is copied in whole lines, also when a character or a line is cut between chunks', async () => {
  const { log, lines } = logOf();
  const bytes = Buffer.from('first\nzweite Zeile mit ü\nno end');
  await log.copy(Readable.from([bytes.subarray(0, 8), bytes.subarray(8, 25), bytes.subarray(25)]));
  assert.deepEqual(lines, ['first\n', 'zweite Zeile mit ü\n', 'no end\n']);
});

test('a line without end is cut instead of being kept in memory', async () => {
  const { log, lines } = logOf(1e6);
  await log.copy(Readable.from([Buffer.alloc(100_000, 'a'), Buffer.from('b\n')]));
  assert.equal(lines.length, 2);
  assert.ok(lines.every((line) => line.length <= 8193));
});

test('colours stay and everything else that steers a terminal goes', () => {
  assert.equal(
    clean('\x1b[31mred\x1b[0m \x1b[2J\x1b]0;title\x07\x1b[1A\x08\x9bplain\ttab'),
    '\x1b[31mred\x1b[0m plain\ttab',
  );
});

test('a progress line shows its last state', () => {
  assert.equal(clean('10 %\r50 %\r100 %\r'), '100 %');
});

test('a build that prints without end has its log cut with a word about it, and still tells why it failed', () => {
  const { log, lines } = logOf(20);
  for (let count = 0; count < 10; count += 1) log.line('0123456789');
  log.failure('It failed.');
  assert.deepEqual(lines, [
    '0123456789\n',
    '0123456789\n',
    ' !     The log is cut here: the build printed too much.\n',
    ' !     It failed.\n',
  ]);
});

test('the reason of a failing buildpack is the first line of its last complaint', () => {
  const { log } = logOf();
  for (const line of [' !     A warning.', 'npm ci', ' !     npm ci failed.', ' !     Run npm install.'])
    log.line(line);
  assert.equal(log.complaint, 'npm ci failed.');
});
