import type { FileHandle } from 'node:fs/promises';
import { keptLine, readLine, type Line } from './lines.ts';
import type { Segment, Segments } from './segments.ts';

/** Start of a process → the number of its last line. */
export type Runs = Map<string, number>;
/** What an app's newest segments hold. */
export type Kept = { lines: Line[]; runs: Runs };

export type Journal = ReturnType<typeof createJournal>;

const FLUSH_MS = 50;
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** More instances of one app than ever send at a time. */
const MAX_RUNS = 512;

/**
 * The lines of one app on disk. Nothing here holds up the lines that come in: what the disk does not take is dropped
 * and counted, and `lost` is told once it takes lines again.
 */
export function createJournal(
  segments: Segments,
  app: string,
  { retryMs, lost }: { retryMs: number; lost: (count: number) => void },
) {
  /** What is on disk for sure: after a crash the senders are asked for what comes after it. */
  const durable: Runs = new Map();
  let current: { segment: Segment; file: FileHandle } | null = null;
  let waiting: Line[] = [];
  let waitingBytes = 0;
  let lostCount = 0;
  let refusedUntil = 0;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  function drop(count: number): void {
    lostCount += count;
  }

  async function write(): Promise<void> {
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    waitingBytes = 0;
    try {
      await append(lines);
      refusedUntil = 0;
      if (lostCount > 0) lost(lostCount);
      lostCount = 0;
    } catch {
      // Full or gone: the next one begins a file of its own.
      drop(lines.length);
      refusedUntil = Date.now() + retryMs;
      await giveUp();
    }
  }

  async function append(lines: readonly Line[]): Promise<void> {
    const [first] = lines;
    if (first === undefined) return;
    if (current !== null && current.segment.bytes > segments.segmentBytes) await end();
    if (current === null) {
      current = await segments.add(app, first.id);
      await put(current, `${JSON.stringify([...durable])}\n`);
    }
    await put(current, lines.map(keptLine).join(''));
    for (const { run, number } of lines) remember(durable, run, number);
    await segments.trim(app);
  }

  async function put({ segment, file }: { segment: Segment; file: FileHandle }, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await file.writeFile(bytes);
    segments.grow(segment, bytes.length);
  }

  /** Leaves nothing of what was written in part, so that what is counted as lost is lost. */
  async function giveUp(): Promise<void> {
    const failed = current;
    await failed?.file.truncate(failed.segment.bytes).catch(() => undefined);
    await end();
    if (failed?.segment.bytes === 0) await segments.drop(failed.segment);
  }

  async function end(): Promise<void> {
    const ended = current;
    current = null;
    await ended?.file.close().catch(() => undefined);
  }

  function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    writing = writing.then(write);
    return writing;
  }

  return {
    add(line: Line): void {
      if (Date.now() < refusedUntil || waitingBytes > MAX_WAITING_BYTES) return drop(1);
      waiting.push(line);
      waitingBytes += line.text.length;
      timer ??= setTimeout(() => void flush(), FLUSH_MS);
    },

    /** What the newest segments hold, at least so many lines when there are as many. */
    async load(count: number): Promise<Kept> {
      const kept: Kept = { lines: [], runs: new Map() };
      for (const segment of segments.list(app).toReversed()) {
        const { lines, runs: before } = readSegment(await segments.read(segment));
        for (const [run, number] of before) remember(kept.runs, run, number);
        for (const { run, number } of lines) remember(kept.runs, run, number);
        kept.lines = [...lines, ...kept.lines];
        if (kept.lines.length >= count) break;
      }
      for (const [run, number] of kept.runs) remember(durable, run, number);
      return kept;
    },

    /** Newest segment first: the lines of it that are older than the id, in their order. */
    async *before(id: number): AsyncGenerator<Line[]> {
      await flush();
      for (const segment of segments.list(app).toReversed()) {
        if (segment.firstId >= id) continue;
        yield readSegment(await segments.read(segment)).lines.filter((line) => line.id < id);
      }
    },

    flush,

    /** Nothing of the app is on disk any more; lines that come later are, even when the disk refuses to remove. */
    clear(): Promise<void> {
      const cleared = writing.then(async () => {
        await write();
        await end();
        await segments.remove(app);
      });
      writing = cleared.catch(() => undefined);
      return cleared;
    },

    async close(): Promise<void> {
      await flush();
      await end();
    },
  };
}

function readSegment(text: string): Kept {
  const [head = '', ...rows] = text.split('\n');
  return { lines: rows.flatMap((row) => readLine(row) ?? []), runs: readRuns(head) };
}

function readRuns(head: string): Runs {
  try {
    return new Map(JSON.parse(head) as [string, number][]);
  } catch {
    return new Map();
  }
}

/** The newest runs are the last ones, and the oldest are forgotten. */
export function remember(runs: Runs, run: string, number: number): void {
  if (run === '-') return;
  const last = Math.max(number, runs.get(run) ?? 0);
  runs.delete(run);
  runs.set(run, last);
  const [oldest] = runs.size > MAX_RUNS ? runs.keys() : [];
  if (oldest !== undefined) runs.delete(oldest);
}
