import type { OperationHead, OperationState, StepRow, StepState } from './api-types.ts';

/** A step with its rows: one row for the step itself, others for its instances or servers. */
export type Step = {
  number: number;
  name: string;
  state: StepState;
  attempt: number;
  startedAt: string | null;
  endedAt: string | null;
  nextRetryAt: string | null;
  reason: string | null;
  server: string;
  parts: StepRow[];
};

/** What is known of an operation: the newest of every row. */
export class Timeline {
  operation: OperationHead | undefined;
  readonly #rows = new Map<string, StepRow>();

  putRow(row: StepRow): void {
    this.#rows.set(`${row.number} ${row.subject}`, row);
  }

  steps(): Step[] {
    const rows = [...this.#rows.values()];
    const numbers = [...new Set(rows.map((row) => row.number))].toSorted((a, b) => a - b);
    return numbers.map((number) => stepOf(rows.filter((row) => row.number === number)));
  }
}

const SETTLED: ReadonlySet<StepState> = new Set<StepState>(['succeeded', 'failed', 'skipped', 'undone']);
const FINAL: ReadonlySet<OperationState> = new Set<OperationState>(['succeeded', 'failed', 'cancelled', 'superseded']);

export function isSettled(state: StepState): boolean {
  return SETTLED.has(state);
}

export function isFinal(state: OperationState): boolean {
  return FINAL.has(state);
}

/** Worst first: what a step without a row of its own is said to be. */
const WORST_FIRST: readonly StepState[] = [
  'failed',
  'retrying',
  'running',
  'undone',
  'waiting',
  'succeeded',
  'skipped',
];

function stepOf(rows: StepRow[]): Step {
  const parts = rows.filter((row) => row.subject !== '').toSorted(bySubject);
  const itself = rows.find((row) => row.subject === '');
  // A step that was still waiting when it was first asked about: its parts know better.
  const own = itself === undefined || (itself.state === 'waiting' && parts.length > 0) ? summaryOf(parts) : itself;
  return {
    number: own.number,
    name: own.step,
    state: own.state,
    attempt: own.attempt,
    startedAt: own.started_at,
    endedAt: own.ended_at,
    nextRetryAt: own.next_retry_at,
    reason: own.reason,
    server: own.server,
    parts,
  };
}

function bySubject(a: StepRow, b: StepRow): number {
  return a.subject.localeCompare(b.subject, 'en', { numeric: true });
}

function summaryOf(parts: StepRow[]): StepRow {
  const worst = parts.toSorted((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state))[0] as StepRow;
  const started = parts.flatMap((part) => part.started_at ?? []).toSorted();
  const ended = parts.flatMap((part) => part.ended_at ?? []).toSorted();
  return {
    ...worst,
    subject: '',
    server: '',
    started_at: started[0] ?? null,
    ended_at: ended.length === parts.length ? (ended.at(-1) ?? null) : null,
  };
}
