import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redact, redactTexts } from './redaction.ts';

test('a secret is masked wherever it stands, the longest first', () => {
  assert.equal(
    redact('a swordfish-and-half, a swordfish', ['swordfish', 'swordfish-and-half']),
    'a [REDACTED], a [REDACTED]',
  );
});

test('what is too short to be a secret is left', () => {
  assert.equal(redact('1 of 1 is true', ['1', 'true']), '1 of 1 is true');
});

test('a secret with quotes and line breaks is masked in a result, and so is each line that was printed alone', () => {
  const secret = '{"key": "abc\\def"}\nsecond-line';
  assert.deepEqual(redactTexts({ output: `got ${secret}!` }, [secret]), { output: 'got [REDACTED]!' });
  assert.deepEqual(redactTexts({ output: 'only second-line' }, [secret]), { output: 'only [REDACTED]' });
});

test('a config value that is a word of the result itself breaks no result', () => {
  const result = { healthy: false, exitCode: 7, output: 'is healthy', list: ['exitCode'] };
  assert.deepEqual(redactTexts(result, ['healthy', 'exitCode', 'output']), {
    healthy: false,
    exitCode: 7,
    output: 'is [REDACTED]',
    list: ['[REDACTED]'],
  });
});
