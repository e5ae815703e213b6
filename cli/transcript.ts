import { dim, yellow } from 'ansis';
import type { StepState } from './api-types.ts';
import type { OperationEvent } from './operation-events.ts';
import { plainText } from './plain-text.ts';
import { changedStepLine, stepLines } from './step-lines.ts';
import { isFinal, isSettled, Timeline, type Step } from './timeline.ts';

/**
 * Turns the events of an operation into lines that are written once and stay: steps in their order as they settle,
 * the output of a build between them, undone steps as they are undone.
 */
export class Transcript {
  readonly timeline = new Timeline();
  clockAheadMs = 0;
  disconnected: string | undefined;
  readonly #written = new Map<number, StepState>();
  #unfinishedOutput = '';
  #isRollingBack = false;

  /** The lines that this event makes due. */
  take(event: OperationEvent): string[] {
    this.disconnected = event.kind === 'disconnected' ? event.reason : undefined;
    switch (event.kind) {
      case 'connected':
        this.clockAheadMs = event.clockAheadMs;
        return [];
      case 'disconnected':
        return [];
      case 'output':
        return this.#outputLines(event.text);
      case 'step':
        this.timeline.putRow(event.row);
        return this.#settledLines();
      case 'operation':
        this.timeline.operation = event.operation;
        return [...this.#rollbackLine(), ...(isFinal(event.operation.state) ? this.#lastLines() : [])];
    }
  }

  /** Now, by the API's clock. */
  nowMs(): number {
    return Date.now() + this.clockAheadMs;
  }

  /** The steps that have not been written yet. */
  openSteps(): Step[] {
    return this.timeline.steps().filter((step) => !this.#written.has(step.number));
  }

  #outputLines(text: string): string[] {
    const lines = (this.#unfinishedOutput + plainText(text)).split('\n');
    this.#unfinishedOutput = lines.pop() ?? '';
    return lines.map(outputLine);
  }

  #settledLines(): string[] {
    const lines: string[] = [];
    let allBeforeSettled = true;
    for (const step of this.timeline.steps()) {
      allBeforeSettled &&= isSettled(step.state);
      if (allBeforeSettled || this.#written.has(step.number)) lines.push(...this.#write(step));
    }
    return lines;
  }

  #write(step: Step): string[] {
    const before = this.#written.get(step.number);
    if (before === step.state || !isSettled(step.state) || isNotReached(step)) return [];
    this.#written.set(step.number, step.state);
    // A step that failed after all says why, as if it were written for the first time.
    if (before !== undefined && step.state !== 'failed') return [changedStepLine(step)];
    return [...this.#restOfOutput(), ...stepLines(step, this.nowMs())];
  }

  #rollbackLine(): string[] {
    if (this.#isRollingBack || this.timeline.operation?.state !== 'rolling-back') return [];
    this.#isRollingBack = true;
    return [yellow('↩  rolling back')];
  }

  /** Whatever settled behind a step that never did. */
  #lastLines(): string[] {
    return [...this.#restOfOutput(), ...this.timeline.steps().flatMap((step) => this.#write(step))];
  }

  #restOfOutput(): string[] {
    const rest = this.#unfinishedOutput;
    this.#unfinishedOutput = '';
    return rest === '' ? [] : [outputLine(rest)];
  }
}

/** Behind the step that ended the operation: of no interest to whoever has watched it. */
function isNotReached({ state, reason }: Step): boolean {
  return state === 'skipped' && reason === 'not reached';
}

function outputLine(text: string): string {
  return `     ${dim('│')} ${text}`.trimEnd();
}
