import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal, stepsOf, type Operation } from '../../domain/operations.ts';
import type { StepName, StepRow, StepState } from '../../domain/steps.ts';
import type { Store } from '../../store/store.ts';
import { POLL_MS, SETTLE_MS } from '../output-text.ts';

/** Something is said at least this often, so that neither a person nor a proxy thinks that it hangs. */
const STILL_EVERY_MS = 20_000;

/** Old instances end with their last connection, which may be after the operation. */
const LEFT_BEHIND: StepName = 'retireContainer';

const MARKS: Readonly<Record<StepState, string>> = {
  waiting: '·',
  running: '›',
  retrying: '↻',
  succeeded: '✔',
  failed: '✖',
  skipped: '–',
  undone: '↩',
};

/** Worst first: what a step of several rows is said to be. */
const WORST_FIRST: readonly StepState[] = [
  'failed',
  'retrying',
  'running',
  'undone',
  'waiting',
  'succeeded',
  'skipped',
];

const SETTLED: ReadonlySet<StepState> = new Set<StepState>(['succeeded', 'failed', 'skipped', 'undone']);

type Step = { number: number; name: StepName; state: StepState; rows: StepRow[] };
type Reader = { outputNumber: number; unfinished: string; told: number; retries: Set<string>; isRollingBack: boolean };

/**
 * The lines of an operation as they come, for one who only reads: the build log, and each step once it is over. Ends
 * when the operation has ended or waits for an operator, and returns it as it then is.
 */
export async function* pushLog(
  store: Store,
  operationId: string,
  signal: AbortSignal,
): AsyncGenerator<string, Operation> {
  const reader: Reader = { outputNumber: 0, unfinished: '', told: 0, retries: new Set(), isRollingBack: false };
  let quietSince = Date.now();
  for (;;) {
    const operation = await store.operations.get(operationId);
    const isEnd = isFinal(operation.state) || operation.state === 'needs-operator';
    // Rows and output are written a moment behind the steps.
    if (isEnd) await sleep(SETTLE_MS, undefined, { signal });
    const steps = stepsFrom(operation, await store.steps.list(operationId));
    const lines = [
      ...(await outputLines(store, operationId, reader, isEnd)),
      ...stepLines(steps, reader, operation, isEnd),
    ];
    if (!reader.isRollingBack && operation.state === 'rolling-back') {
      reader.isRollingBack = true;
      lines.push('↩  rolling back');
    }
    yield* lines;
    if (isEnd) return operation;
    if (lines.length > 0) quietSince = Date.now();
    else if (Date.now() - quietSince > STILL_EVERY_MS) {
      quietSince = Date.now();
      yield stillLine(operation, steps);
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function outputLines(store: Store, operationId: string, reader: Reader, isEnd: boolean): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const chunk = await store.output.get(operationId, reader.outputNumber + 1);
    if (chunk === null) break;
    reader.outputNumber = chunk.number;
    const parts = (reader.unfinished + chunk.text.replaceAll('\r\n', '\n')).split('\n');
    reader.unfinished = parts.pop() ?? '';
    lines.push(...parts.map(outputLine));
  }
  // A line without its end is one once nothing comes any more.
  if (isEnd && reader.unfinished !== '') lines.push(outputLine(reader.unfinished));
  return lines;
}

function outputLine(text: string): string {
  return `     │ ${text}`.trimEnd();
}

/** In order; a step is over when all that is known of it is, and a later one has begun: its rows come one by one. */
function stepLines(steps: readonly Step[], reader: Reader, { state }: Operation, isEnd: boolean): string[] {
  const lines = steps.flatMap((step) => retryLines(step, reader));
  const reached = steps.findLast((step) => step.state !== 'waiting' && step.state !== 'skipped')?.number ?? 0;
  for (const step of steps.filter(({ number }) => number > reader.told)) {
    if (!isEnd && (step.number >= reached || !SETTLED.has(step.state))) break;
    reader.told = step.number;
    if (SETTLED.has(step.state)) lines.push(stepLine(step));
    else if (state === 'succeeded' && step.name === LEFT_BEHIND) lines.push(leftLine(step));
  }
  return lines;
}

function leftLine({ number, name }: Step): string {
  return `${mark('running', number)} ${name.padEnd(18)} ${'goes on'.padStart(10)}  beside what follows`;
}

function retryLines({ number, name, rows }: Step, { retries }: Reader): string[] {
  return rows
    .filter(({ state, reason }) => state === 'retrying' && reason !== null)
    .flatMap(({ subject, attempt, reason }) => {
      const key = `${number} ${subject} ${attempt}`;
      if (retries.has(key)) return [];
      retries.add(key);
      return [
        `${mark('retrying', number)} ${name} ${subject}: attempt ${attempt} failed, trying again: ${reason ?? ''}`,
      ];
    });
}

/** `✔  3 compileSlug           12.3 s  on build-1`. */
function stepLine({ number, name, state, rows }: Step): string {
  const time = state === 'skipped' ? 'skipped' : durationOf(rows);
  return `${mark(state, number)} ${name.padEnd(18)} ${time.padStart(10)}  ${noteOf(state, rows)}`.trimEnd();
}

function noteOf(state: StepState, rows: readonly StepRow[]): string {
  const reasons = rows.flatMap((row) => (row.state === state && row.reason !== null ? [row.reason] : []));
  if (state === 'skipped' || state === 'failed') return reasons[0] ?? '';
  const places = rows.flatMap(({ subject, server }) => {
    if (server === '' && subject === '') return [];
    return [server === '' || subject === server ? subject || `on ${server}` : `${subject} on ${server}`.trim()];
  });
  return places.length > 3 ? `${places.length} done` : places.join(', ');
}

function stillLine({ state }: Operation, steps: readonly Step[]): string {
  const current = steps.findLast((step) => step.state === 'running' || step.state === 'retrying');
  if (current === undefined) return state === 'queued' ? '›  queued, waiting for its turn' : '›  still running';
  return `${mark('running', current.number)} ${current.name.padEnd(18)} ${durationOf(current.rows).padStart(10)}`;
}

function mark(state: StepState, number: number): string {
  return `${MARKS[state]} ${String(number).padStart(2)}`;
}

function durationOf(rows: readonly StepRow[]): string {
  const started = rows.flatMap(({ startedAt }) => startedAt?.getTime() ?? []);
  const ended = rows.map(({ endedAt }) => endedAt?.getTime() ?? Date.now());
  if (started.length === 0) return '';
  return `${((Math.max(...ended) - Math.min(...started)) / 1000).toFixed(1)} s`;
}

function stepsFrom({ kind }: Operation, rows: readonly StepRow[]): Step[] {
  return stepsOf(kind).map((name, index) => {
    const all = rows.filter((row) => row.step === name);
    // The row of the step itself says nothing where its parts do.
    const parts = all.filter(({ subject }) => subject !== '');
    const telling = parts.length > 0 && all.some((row) => row.subject === '' && row.state === 'waiting') ? parts : all;
    const state = WORST_FIRST.find((worst) => telling.some((row) => row.state === worst)) ?? 'waiting';
    return { number: index + 1, name, state, rows: telling };
  });
}
