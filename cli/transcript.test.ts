import { strictEqual, deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { StepRow } from './api-types.ts';
import { anOperation, aStep, headOf } from './fake-api.ts';
import { stepLines } from './step-lines.ts';
import { Timeline } from './timeline.ts';
import { Transcript } from './transcript.ts';

function plain(lines: string[]): string[] {
  return lines.map(stripVTControlCharacters);
}

function take(transcript: Transcript, ...rows: StepRow[]): string[] {
  return plain(rows.flatMap((row) => transcript.take({ kind: 'step', row })));
}

test('a step is written once, when it and all before it have settled', () => {
  const transcript = new Transcript();
  deepStrictEqual(take(transcript, aStep(1, { state: 'running', ended_at: null }), aStep(2)), []);
  deepStrictEqual(take(transcript, aStep(1)), [
    '✔  1 createRelease          250 ms',
    '✔  2 fetchSource            250 ms',
  ]);
  deepStrictEqual(take(transcript, aStep(1)), []);
});

test('a skipped step tells why and has no time', () => {
  const line = take(new Transcript(), aStep(1, { state: 'skipped', reason: 'there is no release command' }));
  deepStrictEqual(line, ['–  1 createRelease         skipped  there is no release command']);
});

test('a finished step names its instances and servers, and counts attempts above one', () => {
  const transcript = new Transcript();
  const started = { state: 'running', ended_at: null } as const;
  take(transcript, aStep(1, started), aStep(1, { subject: 'web.1', server: 'fra-1' }));
  deepStrictEqual(take(transcript, aStep(1, { attempt: 3 })), [
    '✔  1 createRelease          250 ms  web.1 on fra-1, attempt 3',
  ]);
});

test('a failed step tells the reason once when its only instance has the same', () => {
  const transcript = new Transcript();
  const failed = { state: 'failed', reason: 'web.1 exited with 1' } as const;
  const lines = take(transcript, aStep(2), aStep(1, { ...failed, subject: 'web.1' }), aStep(1, failed));
  strictEqual(lines.filter((line) => line.includes('exited with 1')).length, 1);
});

test('the one failed of several instances is named below its step', () => {
  const timeline = new Timeline();
  timeline.putRow(aStep(10, { state: 'failed', reason: 'an instance did not start' }));
  timeline.putRow(aStep(10, { subject: 'web.1', server: 'fra-1' }));
  timeline.putRow(aStep(10, { subject: 'web.2', server: 'fra-2', state: 'failed', reason: 'exited with 1' }));
  const lines = plain(timeline.steps().flatMap((step) => stepLines(step, 0)));
  deepStrictEqual(lines, [
    '✖ 10 startProcess           250 ms  an instance did not start',
    '      ✖ web.2 on fra-2: exited with 1',
  ]);
});

test('a step that is undone after it was written is written again as undone', () => {
  const transcript = new Transcript();
  take(transcript, aStep(1));
  deepStrictEqual(take(transcript, aStep(1, { state: 'undone' })), ['↩  1 createRelease          undone']);
});

test('output is written by whole lines, without what could move the cursor', () => {
  const transcript = new Transcript();
  const output = (text: string): string[] => plain(transcript.take({ kind: 'output', text }));
  deepStrictEqual(output('-----> npm'), []);
  deepStrictEqual(output(' ci\r\n\u001b[2J\u001b[32madded\u001b[0m \u00075\n'), [
    '     │ -----> npm ci',
    '     │ added 5',
  ]);
});

test('the end of the output without a line end is written before the step that made it', () => {
  const transcript = new Transcript();
  transcript.take({ kind: 'output', text: 'done' });
  deepStrictEqual(take(transcript, aStep(1))[0], '     │ done');
});

test('a retrying step tells the attempt, the wait and the reason', () => {
  const timeline = new Timeline();
  const next_retry_at = '2026-01-02T03:04:09.000Z';
  timeline.putRow(aStep(6, { state: 'retrying', attempt: 2, ended_at: null, next_retry_at, reason: 'S3 is away' }));
  const nowMs = Date.parse('2026-01-02T03:04:07.000Z');
  const [line = ''] = plain(timeline.steps().flatMap((step) => stepLines(step, nowMs)));
  ok(line.endsWith('2.0 s  attempt 2 failed, next in 2.0 s: S3 is away'), line);
});

test('a step without a row of its own is as its worst instance', () => {
  const timeline = new Timeline();
  timeline.putRow(aStep(8, { subject: 'web.1' }));
  timeline.putRow(aStep(8, { subject: 'web.2', state: 'running', ended_at: null }));
  deepStrictEqual(
    timeline.steps().map(({ state, endedAt }) => ({ state, endedAt })),
    [{ state: 'running', endedAt: null }],
  );
});

test('rolling back is told once', () => {
  const transcript = new Transcript();
  const event = { kind: 'operation', operation: headOf(anOperation('rolling-back')) } as const;
  deepStrictEqual(plain([...transcript.take(event), ...transcript.take(event)]), ['↩  rolling back']);
});

test('what was never reached is not written', () => {
  const transcript = new Transcript();
  take(transcript, aStep(1, { state: 'failed', reason: 'no lock file' }));
  deepStrictEqual(take(transcript, aStep(2, { state: 'skipped', reason: 'not reached', started_at: null })), []);
});

test('a step that fails after it was written is written again with the reason', () => {
  const transcript = new Transcript();
  take(transcript, aStep(1));
  const lines = take(transcript, aStep(1, { state: 'failed', reason: 'web.1 crashed while it was watched' }));
  deepStrictEqual(lines, ['✖  1 createRelease          250 ms  web.1 crashed while it was watched']);
});
