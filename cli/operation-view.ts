import { cyan, dim, yellow } from 'ansis';
import type { OperationEvent } from './operation-events.ts';
import { formatDuration } from './durations.ts';
import { FRAME_MS, LiveArea, spinnerFrame, type Terminal } from './live-area.ts';
import { plainLine } from './plain-text.ts';
import { retryLine, stepLines } from './step-lines.ts';
import type { Step } from './timeline.ts';
import { Transcript } from './transcript.ts';

/** Shows an operation while it goes on. */
export type OperationView = { take(event: OperationEvent): void; close(): void };

export function createOperationView(output: Terminal): OperationView {
  return output.isTTY ? new LiveView(output) : new PlainView(output);
}

/** For --json: the outcome is all that is told. */
export const SILENT_VIEW: OperationView = { take: () => undefined, close: () => undefined };

/** In a terminal: written lines above, and below them the steps to come, redrawn in place. */
class LiveView implements OperationView {
  readonly #area: LiveArea;
  readonly #transcript = new Transcript();
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt = Date.now();

  constructor(output: Terminal) {
    this.#area = new LiveArea(output);
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
    this.#draw();
  }

  take(event: OperationEvent): void {
    this.#area.write(this.#transcript.take(event), this.#lines());
  }

  close(): void {
    clearInterval(this.#timer);
    this.#area.close();
  }

  #draw(): void {
    this.#area.write([], this.#lines());
  }

  #lines(): string[] {
    const spinner = spinnerFrame();
    const nowMs = this.#transcript.nowMs();
    const steps = this.#transcript
      .openSteps()
      .filter(this.#isToCome)
      .flatMap((step) => stepLines(step, nowMs, spinner));
    return [...steps, ...this.#stateLines(spinner)];
  }

  /** While an operation is undone, what it never reached is of no interest. */
  readonly #isToCome = (step: Step): boolean =>
    step.state !== 'waiting' || this.#transcript.timeline.operation?.state !== 'rolling-back';

  #stateLines(spinner: string): string[] {
    const { disconnected, timeline } = this.#transcript;
    if (disconnected !== undefined)
      return [yellow(`${spinner} connection lost, trying again: ${plainLine(disconnected)}`)];
    const state = timeline.operation?.state;
    if (state === 'queued') return [`${cyan(spinner)} queued, waiting for its turn`];
    if (state === 'rolling-back') return [yellow(`${spinner} rolling back`)];
    return [
      dim(
        `  ${formatDuration(Math.floor((Date.now() - this.#startedAt) / 1000) * 1000 || 1000)}   Ctrl-C stops watching, not the operation`,
      ),
    ];
  }
}

const STILL_EVERY_MS = 30_000;

/** In a file or a pipe: lines appended, with a word every half minute when a step takes long. */
class PlainView implements OperationView {
  readonly #output: Terminal;
  readonly #transcript = new Transcript();
  readonly #timer: NodeJS.Timeout;
  readonly #toldRetries = new Set<string>();
  #lastWrittenAt = Date.now();
  #wasDisconnected = false;

  constructor(output: Terminal) {
    this.#output = output;
    this.#timer = setInterval(() => this.#tellStillRunning(), 1_000);
  }

  take(event: OperationEvent): void {
    this.#write([...this.#transcript.take(event), ...this.#retryLines(event), ...this.#connectionLines()]);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #retryLines(event: OperationEvent): string[] {
    if (event.kind !== 'step' || event.row.state !== 'retrying') return [];
    const retry = `${event.row.number} ${event.row.subject} ${event.row.attempt}`;
    if (this.#toldRetries.has(retry)) return [];
    this.#toldRetries.add(retry);
    return [retryLine(event.row, this.#transcript.nowMs())];
  }

  #connectionLines(): string[] {
    const { disconnected } = this.#transcript;
    const isNews = disconnected !== undefined && !this.#wasDisconnected;
    this.#wasDisconnected = disconnected !== undefined;
    return isNews ? [yellow(`connection lost, trying again: ${plainLine(disconnected)}`)] : [];
  }

  #tellStillRunning(): void {
    if (Date.now() - this.#lastWrittenAt < STILL_EVERY_MS) return;
    const step = this.#transcript.openSteps().find(({ state }) => state === 'running' || state === 'retrying');
    const state = this.#transcript.timeline.operation?.state;
    if (step !== undefined) this.#write(stepLines(step, this.#transcript.nowMs()));
    else if (state === 'queued') this.#write(['› queued, waiting for its turn']);
  }

  #write(lines: string[]): void {
    if (lines.length === 0) return;
    this.#lastWrittenAt = Date.now();
    this.#output.write(lines.map((line) => `${line}\n`).join(''));
  }
}
