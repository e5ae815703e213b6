import { remember, type Journal, type Kept } from './journal.ts';
import { nowText, type Line, type NewLine } from './lines.ts';

/** Of one app; more than that is on disk. */
export const MEMORY_LINES = 1500;
const MEMORY_BYTES = 8 * 1024 * 1024;
const LINE_OVERHEAD_BYTES = 200;
/** How much of the ring may be empty at its front before it is made anew. */
const COMPACT_AT = 8192;

export type Matches = (line: Line) => boolean;
export type AppLog = ReturnType<typeof createAppLog>;
export type Cursor = ReturnType<AppLog['follow']>;

/** The lines of one app in the order in which they came; `kept` is what the disk had of them. */
export function createAppLog(journal: Journal, kept: Kept, usedBytes: (change: number) => void) {
  const { runs } = kept;
  const waiters = new Set<() => void>();
  let ring: Line[] = [];
  /** Index of the first line that is still there, and how many were dropped before the ring's beginning. */
  let head = 0;
  let dropped = 0;
  let bytes = 0;
  let lastId = 0;
  for (const line of kept.lines) push(line);

  function push(line: Line): void {
    ring.push(line);
    lastId = line.id;
    count(sizeOf(line));
    while (bytes > MEMORY_BYTES && head < ring.length - 1) shift();
  }

  function shift(): void {
    const line = ring[head];
    if (line !== undefined) count(-sizeOf(line));
    head += 1;
    if (head < COMPACT_AT) return;
    ring = ring.slice(head);
    dropped += head;
    head = 0;
  }

  function count(change: number): void {
    bytes += change;
    usedBytes(change);
  }

  function append(line: NewLine): void {
    const stored = { ...line, id: Math.max(lastId + 1, Date.now() * 1000) };
    push(stored);
    journal.add(stored);
    for (const wake of waiters) wake();
    waiters.clear();
  }

  /** A line of the platform's own. */
  function tell(process: string, text: string, at = nowText()): void {
    append({ at, source: 'dcdget', process, text, run: '-', number: 0 });
  }

  const end = () => dropped + ring.length;

  return {
    tell,

    /** Takes a line of a run once, in the order of its numbers; what is missing between two is told. */
    accept(line: NewLine): void {
      const last = runs.get(line.run) ?? 0;
      if (line.number <= last) return;
      if (line.number > last + 1) tell(line.process, lostText(line.number - last - 1));
      remember(runs, line.run, line.number);
      append(line);
    },

    /** As accept, for a sender whose numbers go over many apps. */
    acceptOfMany(line: NewLine): void {
      if (line.number <= (runs.get(line.run) ?? 0)) return;
      remember(runs, line.run, line.number);
      append(line);
    },

    lastOf: (run: string): number => runs.get(run) ?? 0,

    /** The last lines that match, in their order: from memory, and from disk as far as that does not go back. */
    async last(wanted: number, matches: Matches): Promise<Line[]> {
      let found = ring.slice(head).filter(matches).slice(-wanted);
      if (wanted === 0) return [];
      const first = ring[head]?.id;
      // Where memory has none there was none: what reaches the disk from here on is for those who follow.
      if (found.length >= wanted || first === undefined) return found;
      for await (const lines of journal.before(first)) {
        found = [...lines.filter(matches), ...found].slice(-wanted);
        if (found.length >= wanted) break;
      }
      return found;
    },

    /**
     * What came after the id and is not in memory any more. `isWhole` is false when the line with the id is gone too:
     * there may have been others between.
     */
    async missed(id: number, matches: Matches, most: number): Promise<{ lines: Line[]; isWhole: boolean }> {
      const first = ring[head]?.id ?? Infinity;
      if (first <= id || first === Infinity) return { lines: [], isWhole: true };
      let lines: Line[] = [];
      for await (const older of journal.before(first)) {
        lines = [...older.filter((line) => line.id > id && matches(line)), ...lines];
        if (lines.length > most) break;
        if ((older[0]?.id ?? Infinity) <= id) return { lines, isWhole: true };
      }
      return { lines: lines.slice(-most), isWhole: false };
    },

    /** Reads on from the first line in memory that is newer than the id. */
    follow(id: number) {
      const index = ring.findIndex((line, at) => at >= head && line.id > id);
      let next = index === -1 ? end() : dropped + index;
      return {
        /** The next lines, and how many of them went before they were read. */
        take(most: number): { lines: Line[]; skipped: number } {
          const skipped = Math.max(0, dropped + head - next);
          next += skipped;
          const lines = ring.slice(next - dropped, next - dropped + most);
          next += lines.length;
          return { lines, skipped };
        },

        /** True when there is more to take, false when there was none for that time. */
        async more(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
          if (next < end() || signal.aborted) return true;
          await new Promise<void>((resolve) => {
            const wake = (): void => {
              clearTimeout(timer);
              waiters.delete(wake);
              signal.removeEventListener('abort', wake);
              resolve();
            };
            const timer = setTimeout(wake, timeoutMs);
            signal.addEventListener('abort', wake);
            waiters.add(wake);
          });
          return next < end() || signal.aborted;
        },
      };
    },

    lastId: () => lastId,
    memoryBytes: () => bytes,

    /** Leaves the last lines alone in memory. */
    shrink(): void {
      while (ring.length - head > 1) shift();
    },

    /** Forgets every line; ids go on, and so does who follows. */
    async clear(): Promise<void> {
      while (ring.length > head) shift();
      await journal.clear();
    },

    /** What came until now is on disk, or counted as lost there. */
    flush: () => journal.flush(),
    close: () => journal.close(),
  };
}

export function lostText(count: number): string {
  return count === 1 ? '1 line lost' : `${count} lines lost`;
}

function sizeOf({ text }: Line): number {
  return text.length + LINE_OVERHEAD_BYTES;
}
