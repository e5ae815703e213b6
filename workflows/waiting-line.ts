import type { Enqueued } from '../domain/queue.ts';
import type { OperationInput } from '../domain/operations.ts';

/** How many operation ids the line remembers, so that one handed in twice is taken once. */
const REMEMBERED = 200;

export type Turn = { next: OperationInput; superseded: { operation: OperationInput; by: string }[] };

/** The operations of one app, in order; plain state, so that it can be carried to a new run. */
export class WaitingLine {
  readonly waiting: OperationInput[];
  readonly seen: string[];

  constructor(carried: { waiting: OperationInput[]; seen: string[] }) {
    this.waiting = [...carried.waiting];
    this.seen = [...carried.seen];
  }

  add(operation: OperationInput): Enqueued {
    const { operationId } = operation;
    if (!this.seen.includes(operationId)) {
      this.seen.push(operationId);
      this.seen.splice(0, this.seen.length - REMEMBERED);
      this.waiting.push(operation);
    }
    return { operationId, position: this.waiting.findIndex((other) => other.operationId === operationId) + 1 };
  }

  /** False when it does not wait here: it runs, has run, or never came. */
  withdraw(operationId: string): boolean {
    const index = this.waiting.findIndex((other) => other.operationId === operationId);
    if (index >= 0) this.waiting.splice(index, 1);
    return index >= 0;
  }

  /**
   * The next operation: a rollback first, else in order. Waiting deploys before the newest one of them are
   * superseded by it.
   */
  take(): Turn | null {
    const newest = this.waiting.findLast(({ kind }) => kind === 'deploy');
    const superseded = this.waiting.filter((operation) => operation.kind === 'deploy' && operation !== newest);
    for (const old of superseded) this.waiting.splice(this.waiting.indexOf(old), 1);
    const first = this.waiting.find(({ kind }) => kind === 'rollback') ?? this.waiting[0];
    if (first === undefined) return null;
    this.waiting.splice(this.waiting.indexOf(first), 1);
    return { next: first, superseded: superseded.map((operation) => ({ operation, by: newest?.operationId ?? '' })) };
  }
}
