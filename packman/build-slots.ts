import { DcdgetError } from '../domain/errors.ts';

/** The right to build beside others; its number also picks address and network device. */
export type BuildSlot = {
  number: number;
  /** Once given back, it is free only when this has ended, however it does. */
  keepFor(work: Promise<void>): void;
  [Symbol.dispose](): void;
};

export class BuildSlots {
  readonly #free: number[];
  readonly #waiting: ((slot: number) => void)[] = [];
  readonly #maxWaiting: number;

  constructor(count: number, maxWaiting: number) {
    this.#free = Array.from({ length: count }, (_, index) => index);
    this.#maxWaiting = maxWaiting;
  }

  isFull(): boolean {
    return this.#free.length === 0 && this.#waiting.length >= this.#maxWaiting;
  }

  /** First come, first served. Calls `onWait` once when there is no free slot; rejects when the signal aborts. */
  async take(signal: AbortSignal, onWait: () => void): Promise<BuildSlot> {
    signal.throwIfAborted();
    if (this.isFull()) throw new DcdgetError('unavailable', 'Too many builds are waiting on this build server.');
    const free = this.#free.shift();
    if (free !== undefined) return this.#slot(free);
    onWait();
    return this.#slot(await this.#wait(signal));
  }

  #wait(signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const taker = (slot: number): void => {
        signal.removeEventListener('abort', leave);
        resolve(slot);
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(taker), 1);
        reject(signal.reason);
      };
      this.#waiting.push(taker);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #slot(number: number): BuildSlot {
    let held = true;
    const kept: Promise<void>[] = [];
    return {
      number,
      keepFor: (work) => void kept.push(work),
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        if (kept.length === 0) this.#release(number);
        else void Promise.allSettled(kept).then(() => this.#release(number));
      },
    };
  }

  #release(number: number): void {
    const next = this.#waiting.shift();
    if (next) next(number);
    else this.#free.push(number);
  }
}
