import { MongoBulkWriteError, type Filter } from 'mongodb';
import type { StepName, StepRow } from '../domain/steps.ts';
import { collection, isDuplicateKey, unkeyed, type Database, type Keyed } from './database.ts';

export type Steps = ReturnType<typeof createSteps>;

export type StepNews = Pick<StepRow, 'operationId' | 'number' | 'step' | 'subject'> & Partial<StepRow>;

/** Shorter steps are written once, with their end. */
const FLUSH_AFTER_MS = 100;
const RETRY_AFTER_MS = 1000;
const UNTOLD = {
  server: '',
  state: 'waiting',
  attempt: 1,
  startedAt: null,
  endedAt: null,
  nextRetryAt: null,
  reason: null,
  output: null,
} as const;

/**
 * The timeline. Reports are written behind the step, a few at a time, so that showing a step never
 * slows it down; the newest word on a row wins, and is kept while the store is away. What decides anything is never written here.
 */
export function createSteps(database: Database) {
  const steps = collection<StepRow>(database, 'steps');
  const pending = new Map<string, StepNews>();
  let flushing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  const write = async (): Promise<void> => {
    while (pending.size > 0) {
      const rows = [...pending];
      pending.clear();
      try {
        await steps.bulkWrite(
          rows.map(([id, row]) => ({ updateOne: { filter: newestOf(id, row), update: { $set: row }, upsert: true } })),
          { ordered: false },
        );
      } catch (error) {
        if (isOnlyLate(error)) continue;
        for (const [id, row] of rows) pending.set(id, { ...row, ...pending.get(id) });
        throw error;
      }
    }
  };

  const flush = (): Promise<void> => {
    flushing ??= write().finally(() => (flushing = null));
    return flushing;
  };

  const flushAfter = (ms: number, onError: (error: unknown) => void): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      flush().catch((error: unknown) => {
        onError(error);
        flushAfter(RETRY_AFTER_MS, onError);
      });
    }, ms);
  };

  return {
    async prepare(): Promise<void> {
      await steps.createIndex({ operationId: 1 });
    },

    /** What is not said stays as it was. */
    report(row: StepNews, onError: (error: unknown) => void): void {
      pending.set(rowId(row), { ...pending.get(rowId(row)), ...row });
      flushAfter(FLUSH_AFTER_MS, onError);
    },

    /** Resolves when everything reported so far is stored. */
    flush,

    /** The last word on a step is lost with the worker that was to write it: the end of the operation knows better. */
    async settle(operationId: string, state: 'succeeded' | 'undone', but: readonly StepName[]): Promise<void> {
      await steps.updateMany(
        { operationId, state: { $in: ['running', 'retrying'] }, step: { $nin: [...but] } },
        { $set: { state, endedAt: new Date() } },
      );
    },

    /** In order of step, then of subject. */
    async list(operationId: string): Promise<StepRow[]> {
      const found = await steps.find({ operationId }).toArray();
      return found.map((document) => ({ ...UNTOLD, ...unkeyed<StepRow>(document) })).sort(byPlace);
    },

    async removeAll(operationIds: string[]): Promise<void> {
      for (const operationId of operationIds) await steps.deleteMany({ operationId });
    },
  };
}

/** A worker that wakes late has nothing to say about a step that was begun again: its row is not found, nor made anew. */
function newestOf(id: string, { startedAt }: StepNews): Filter<Keyed<StepRow>> {
  return startedAt instanceof Date ? { _id: id, startedAt: { $not: { $gt: startedAt } } } : { _id: id };
}

function isOnlyLate(error: unknown): boolean {
  return error instanceof MongoBulkWriteError && [error.writeErrors].flat().every(isDuplicateKey);
}

function rowId(row: StepNews): string {
  return `${row.operationId}/${row.step}/${row.subject}`;
}

function byPlace(a: StepRow, b: StepRow): number {
  return a.number - b.number || (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0);
}
