import { bold, cyan, dim, green, red, yellow } from 'ansis';
import type { StepRow, StepState } from './api-types.ts';
import { durationBetween, formatDuration } from './durations.ts';
import { plainLine } from './plain-text.ts';
import type { Step } from './timeline.ts';

const MARKS: Readonly<Record<StepState, string>> = {
  waiting: '·',
  running: '›',
  retrying: '↻',
  succeeded: '✔',
  failed: '✖',
  skipped: '–',
  undone: '↩',
};

const COLOURS: Readonly<Record<StepState, (text: string) => string>> = {
  waiting: dim,
  running: cyan,
  retrying: yellow,
  succeeded: green,
  failed: red,
  skipped: dim,
  undone: yellow,
};

/** Instances or servers named one by one before they are only counted. */
const NAMED_PARTS = 3;

/** `✔  3 compileSlug           12.3 s  on build-1`: one step as it stands at `nowMs`, with its failed parts below. */
export function stepLines(step: Step, nowMs: number, spinner?: string): string[] {
  const mark = COLOURS[step.state](step.state === 'running' && spinner ? spinner : MARKS[step.state]);
  const name = nameColour(step.state)(step.name.padEnd(18));
  const number = dim(String(step.number).padStart(2));
  const elapsed = elapsedOf(step, nowMs).padStart(10);
  const line = `${mark} ${number} ${name} ${elapsed}  ${noteOf(step, nowMs)}`.trimEnd();
  return [line, ...step.parts.filter((part) => isNews(part, step)).map((part) => partLine(part, nowMs))];
}

/** What a step that settled and then changed again became: `↩  8 createContainer    undone`. */
export function changedStepLine(step: Step): string {
  const text = `${MARKS[step.state]} ${String(step.number).padStart(2)} ${step.name.padEnd(18)} ${step.state.padStart(10)}`;
  return COLOURS[step.state](text);
}

/** `↻  6 uploadSlug  on batman-1: attempt 2 failed, next in 4.0 s: S3 did not answer`. */
export function retryLine(row: StepRow, nowMs: number): string {
  const place = row.subject === '' ? '' : ` ${whereOf(row)}`;
  return yellow(`↻ ${String(row.number).padStart(2)} ${row.step}${place}: ${retryNote(row, nowMs)}`);
}

function nameColour(state: StepState): (text: string) => string {
  if (state === 'waiting' || state === 'skipped') return dim;
  return state === 'running' || state === 'failed' ? bold : (text) => text;
}

function elapsedOf(step: Step, nowMs: number): string {
  if (step.state === 'waiting') return '';
  if (step.state === 'skipped') return 'skipped';
  if (step.startedAt === null) return '';
  return formatDuration(durationBetween(step.startedAt, step.endedAt) ?? nowMs - Date.parse(step.startedAt));
}

function noteOf(step: Step, nowMs: number): string {
  switch (step.state) {
    case 'waiting':
      return '';
    case 'skipped':
      return dim(plainLine(step.reason ?? ''));
    case 'failed':
      return red(plainLine(step.reason ?? 'failed'));
    case 'retrying':
      return yellow(retryNote({ ...step, next_retry_at: step.nextRetryAt }, nowMs));
    default:
      return dim([placesOf(step), attemptsOf(step)].filter((text) => text !== '').join(', '));
  }
}

function placesOf(step: Step): string {
  if (step.parts.length === 0) return step.server === '' ? '' : `on ${step.server}`;
  const done = step.parts.filter((part) => part.state === 'succeeded').length;
  if (step.parts.length > NAMED_PARTS)
    return step.state === 'running' ? `${done} of ${step.parts.length}` : `${step.parts.length} done`;
  return step.parts.map(whereOf).join(', ');
}

/** `web.1 on batman-1`; a row about a server itself is only `on batman-1`. */
function whereOf(row: StepRow): string {
  if (row.server === '') return plainLine(row.subject);
  return row.subject === row.server ? `on ${row.server}` : plainLine(`${row.subject} on ${row.server}`);
}

function attemptsOf(step: Step): string {
  const attempts = Math.max(step.attempt, ...step.parts.map((part) => part.attempt));
  return attempts > 1 ? `attempt ${attempts}` : '';
}

function retryNote(
  row: { attempt: number; reason: string | null; next_retry_at: string | null },
  nowMs: number,
): string {
  const waitMs = row.next_retry_at === null ? 0 : Date.parse(row.next_retry_at) - nowMs;
  const next = waitMs > 0 ? `next in ${formatDuration(waitMs)}` : 'trying again';
  return `attempt ${row.attempt} failed, ${next}${row.reason === null ? '' : `: ${plainLine(row.reason)}`}`;
}

/** Whether a row says more than its step already does. */
function isNews(part: StepRow, step: Step): boolean {
  if (part.state === 'retrying') return true;
  if (part.state !== 'failed' || step.state !== 'failed') return part.state === 'failed';
  const told = step.reason ?? '';
  const isNamed = step.parts.length === 1 || told.includes(part.subject);
  return !isNamed || !told.includes(part.reason ?? '');
}

function partLine(part: StepRow, nowMs: number): string {
  const note = part.state === 'retrying' ? retryNote(part, nowMs) : plainLine(part.reason ?? part.state);
  return `      ${COLOURS[part.state](`${MARKS[part.state]} ${whereOf(part)}: ${note}`)}`;
}
