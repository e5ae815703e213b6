import type { Operation } from '../cli/api-types.ts';
import { RELEASE_STEPS } from '../domain/steps.ts';
import { percentile, table } from './figures.ts';

/** What a deploy of a cached slug takes. */
export function afterCompileMs(operation: Operation): number {
  return at(operation.ended_at) - compiledAt(operation);
}

/** From the request to the end, as the developer's terminal sees it. */
export function wholeMs(operation: Operation): number {
  return at(operation.ended_at) - at(operation.created_at);
}

/** From the first request to the last end. */
export function togetherMs(operations: readonly Operation[]): number {
  const ends = operations.map((operation) => at(operation.ended_at));
  return Math.max(...ends) - Math.min(...operations.map((operation) => at(operation.created_at)));
}

export function stepTable(operations: readonly Operation[]): string {
  const rows = RELEASE_STEPS.map((step) => {
    const took = operations.flatMap((operation) => stepMs(operation, step));
    return took.length === 0
      ? [step, 'skipped', '']
      : [step, String(percentile(took, 0.5)), String(percentile(took, 0.95))];
  });
  return table([['step (ms)', 'p50', 'p95'], ...rows]);
}

/** From the start of the step's first row to the end of its last; none when it was left out. */
export function stepMs({ steps }: Operation, step: string): number[] {
  const rows = steps.filter((row) => row.step === step && row.state === 'succeeded');
  if (rows.length === 0) return [];
  return [Math.max(...rows.map((row) => at(row.ended_at))) - Math.min(...rows.map((row) => at(row.started_at)))];
}

function compiledAt({ steps }: Operation): number {
  return at(steps.find(({ step }) => step === 'compileSlug')?.ended_at ?? null);
}

function at(time: string | null): number {
  if (time === null) throw new Error('the operation lacks a time');
  return Date.parse(time);
}
